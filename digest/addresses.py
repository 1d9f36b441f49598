"""What counts as a mail address, for settings and subscribers alike."""

LOCALHOST = "@localhost"


def mail_address(text: str) -> str:
    """Return the address in its normal form; ValueError says what is wrong with it.

    Nothing is looked up. `@localhost` and the test domains pass, for a lab machine's own users.
    A local part outside ASCII is refused: few relays take it.
    """
    text = text.strip()
    if text.endswith(LOCALHOST):  # the library refuses this one host, whatever its options
        return _validated(text.removesuffix(LOCALHOST) + "@host.test").split("@")[0] + LOCALHOST
    return _validated(text)


def _validated(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            text,
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
            allow_smtputf8=False,
        )
    except EmailNotValidError as error:
        raise ValueError(f"{text!r} is no mail address: {error}") from None
    return found.ascii_email or found.normalized
