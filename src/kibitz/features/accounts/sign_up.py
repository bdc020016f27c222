"""Making an account for oneself.

Rule: the first account owns the server, and whether one is the first is decided in the transaction that makes it.
"""

from kibitz.domain.errors import Refusal
from kibitz.domain.users import Role, check_password, clean_display_name, clean_name
from kibitz.features.accounts.log_in import LOGIN_DAYS, Login, begin
from kibitz.storage import Tx, users
from kibitz.wire.commands import SignUp


def check_sign_up(tx: Tx, command: SignUp, *, open_to_all: bool) -> None:
    """Raises `Refusal` for what can be refused before the password is hashed."""
    if not open_to_all and users.count_accounts(tx):
        raise Refusal("sign_up_closed", "An admin of this server makes the accounts: ask one of them for yours.")
    name = clean_name(command.name)
    clean_display_name(command.display_name)
    check_password(command.password)
    if users.by_name(tx, name) is not None:
        raise users.name_taken(name)


def sign_up(tx: Tx, command: SignUp, password_hash: str, secret: str, now: str, *, open_to_all: bool) -> Login:
    """Make the account and log in."""
    check_sign_up(tx, command, open_to_all=open_to_all)
    role = Role.MEMBER if users.count_accounts(tx) else Role.OWNER
    name, shown = clean_name(command.name), clean_display_name(command.display_name)
    return begin(tx, users.create(tx, name, role, password_hash, now, display_name=shown), secret, now, LOGIN_DAYS)
