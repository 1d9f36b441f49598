"""Fills templates: those of a folder of one's own, and the shipped ones where it has none."""

import re
import tomllib
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.debug import rewrite_traceback_stack

from digest import catalogue, look
from digest.catalogue import Locale
from digest.errors import DigestError, RenderError
from digest.excerpt import filled_from, offending, text_of
from digest.toml_lines import line_of
from digest.wording import Wording

STYLE = "email/theme.toml"


@cache
def shipped() -> Path:
    """The templates that come with the program: in the package, in a checkout beside it."""
    package = Path(__file__).parent
    packed = package / "templates"
    return packed if packed.is_dir() else package.parent / "templates"


def locale(templates: Path, tag: str) -> Locale:
    """Raises UnknownPlugin where there is no such language or no catalogue of it."""
    return catalogue.locale(tag, _folders(templates))


def fill(templates: Path, name: str, tag: str, /, **values: object) -> str:
    """Fill a template in a language; raise RenderError with the place where that fails."""
    with explained(templates, name):
        return _environment(templates, locale(templates, tag)).get_template(name).render(values)


def macros(templates: Path, name: str, tag: str, /, **values: object) -> Any:
    """A template's macros, which know the values; call them within `explained`."""
    with explained(templates, name):
        template = _environment(templates, locale(templates, tag)).get_template(name)
        return template.make_module(values)


def style(templates: Path) -> Mapping[str, Any]:
    """The palette and the type scale: the shipped one with one's own laid over it."""
    base, own = (_toml(folder / STYLE) for folder in (shipped(), templates))
    for setting, problem in _unfit(own, base):
        file = templates / STYLE
        line = line_of(text_of(file), setting)
        raise _broken(STYLE, f"{'.'.join(setting)}: {problem}", file, line)
    return base | {table: {**base.get(table, {}), **own[table]} for table in own}


def _unfit(own: Mapping[str, Any], base: Mapping[str, Any]) -> Iterator[tuple[Sequence[str], str]]:
    """What of one's own style is of another kind than in the shipped one, and what it must be."""
    for name, table in own.items():
        if not isinstance(table, dict):
            yield (name,), f"it must be a table, [{name}]"
            continue
        for key, value in table.items():
            usual = base.get(name, {}).get(key)
            if isinstance(usual, str) and not isinstance(value, str):
                yield (name, key), f'it must be text, such as "{usual}"'
            if isinstance(usual, list) and not _is_scale(value):
                yield (name, key), f"it must be a size and a line height, such as {usual}"


def _is_scale(value: object) -> bool:
    return isinstance(value, list) and [
        type(each) in {int, float} and each > 0 for each in value
    ] == [True, True]


def _toml(path: Path) -> dict[str, Any]:
    """Nothing where there is no such file."""
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(STYLE, f"cannot be read: {error}", path=path) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise _broken(STYLE, str(error), path, int(line[1]) if line else None) from error


@lru_cache(maxsize=32)
def _parsed(path: Path, changed: int) -> dict[str, Any]:  # noqa: ARG001 - tells the versions apart
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _folders(templates: Path) -> tuple[Path, ...]:
    return tuple(dict.fromkeys((templates, shipped())))


@lru_cache(maxsize=32)
def _environment(templates: Path, locale: Locale) -> jinja2.Environment:
    """Text from dumps reaches a template as plain `str` only, so that it is always escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_folders(templates)),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape((), ("txt.j2", "css.j2"), default=True),
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        optimized=False,  # what that saves in filling is less than it takes
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        locale.gettext, locale.ngettext, newstyle=True
    )
    wording = Wording(locale)
    environment.globals["locale"] = locale
    environment.filters |= {
        function.__name__: function
        for function in (
            *(locale.long_date, locale.short_date, locale.month, locale.number, locale.dotted),
            *(wording.byline, wording.news, wording.counts, wording.notes, wording.links),
            *(wording.topic, wording.sizes, wording.heading, wording.tongue),
            *(look.web, look.arxiv_search, look.wrapped, look.short, look.anchor),
        )
    }
    return environment


@contextmanager
def explained(templates: Path, name: str, filled: str = "") -> Iterator[None]:
    """Turn what a template raises into RenderError with the template and its line.

    What is raised within and names no file is of the template, too; its line is one of what was
    `filled`.
    """
    path = _file(templates, name)
    try:
        yield
    except RenderError as error:
        if error.path:
            raise
        line = filled_from(text_of(path), filled, error.line) if path and error.line else None
        raise RenderError(name, error.reason, line, path, error.text) from error
    except DigestError:
        raise
    except jinja2.TemplateSyntaxError as error:
        file = Path(error.filename) if error.filename else path
        raise _broken(error.name or name, f"{error.message}", file, error.lineno) from error
    except jinja2.TemplateNotFound as error:
        raise RenderError(name, f"there is no {error.name} in {templates}", path=path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(name, f"cannot be read: {error}", path=path) from error
    except Exception as error:
        # A template is somebody else's program, which may fail in any way, also by what it makes
        # of ours; what fails outside of templates is a bug, and stays one.
        # Jinja itself rewrites what `render` raises, and not what a macro does.
        place = _place(rewrite_traceback_stack(), templates)
        if place is None:
            raise
        raise _broken(place[0], _said(error), place[1], place[2]) from error


def _broken(name: str, reason: str, path: Path | None, line: int | None) -> RenderError:
    text = offending(path, line) if path and line else ""
    return RenderError(name, reason, line, path, text)


def _said(error: Exception) -> str:
    """What Jinja says can be read alone, what Python says often not."""
    if isinstance(error, jinja2.TemplateError):
        return str(error)
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _file(templates: Path, name: str) -> Path | None:
    """The file that is used for a template: one's own, else the shipped one."""
    files = (folder / name for folder in _folders(templates))
    return next((file for file in files if file.exists()), None)


def _place(error: BaseException, templates: Path) -> tuple[str, Path, int | None] | None:
    """The template, its file and the line where it happened, if it happened in a template."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        for folder in _folders(templates):
            if file.is_relative_to(folder):
                return file.relative_to(folder).as_posix(), file, frame.lineno
    return None
