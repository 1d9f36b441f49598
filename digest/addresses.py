"""What counts as a mail address, for settings and subscribers alike."""

LOCALHOST = "localhost"


def mail_address(text: str, *, beyond_ascii: bool = False) -> str:
    """Return the address in its normal form; ValueError says what is wrong with it.

    Nothing is looked up. `@localhost` passes, for a lab machine's own users, and so do the test
    domains. The host is in ASCII, and so is what stands before it, or it is refused: few relays
    take it `beyond_ascii` (RFC 6531).
    """
    from email_validator import EmailNotValidError, validate_email

    local, at, host = text.strip().rpartition("@")
    at_home = host.lower() == LOCALHOST  # the library refuses this one, whatever its options
    try:
        found = validate_email(
            f"{local}{at}{'host.test' if at_home else host}",
            check_deliverability=False,
            test_environment=True,
            allow_smtputf8=beyond_ascii,
            strict=True,
        )
    except EmailNotValidError as error:
        raise ValueError(f"{text!r} is no mail address: {error}") from None
    return f"{found.local_part}@{LOCALHOST if at_home else found.ascii_domain}"
