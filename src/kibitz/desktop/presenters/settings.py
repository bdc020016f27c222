"""What a person may have otherwise: how it looks, what it tells, and their account.

Rule: what is chosen takes effect at once and is remembered; what cannot be undone asks first.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from kibitz.client.errors import ClientError, Refused
from kibitz.desktop import preferences
from kibitz.desktop.preferences import Preferences, Theme
from kibitz.desktop.presenters.shell import Shell
from kibitz.domain.errors import Refusal
from kibitz.domain.users import check_password
from kibitz.wire import commands as c

SCALES: Final = (0.0, 1.0, 1.25, 1.5, 1.75, 2.0)
"""What can be chosen; 0 is what the screen says."""

Field = Literal["display_name", "old", "new", "again"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the dialog shows. `account` is false for whoever is here by name alone."""

    theme: Theme
    scale: float
    notifications: bool
    name: str
    display_name: str
    account: bool
    server: str
    notification_text: bool = True


class SettingsView(Protocol):
    """The dialog."""

    def show_settings(self, shown: Shown) -> None:
        """What is chosen now."""

    def refuse_at(self, problem: str, field: Field) -> None:
        """What is wrong, and where."""

    def done(self, what: str) -> None:
        """What has just been done."""

    def close(self) -> None:
        """The login has ended."""


class Settings:
    """The settings' behaviour. `apply` has preferences take effect."""

    def __init__(self, shell: Shell, kept: preferences.Settings, apply: Callable[[Preferences], None]) -> None:
        self._shell, self._kept, self._apply = shell, kept, apply
        self._view: SettingsView | None = None

    async def open(self, view: SettingsView) -> None:
        """This is the dialog."""
        self._view = view
        self._show()

    def closed(self) -> None:
        """The person has closed it."""
        self._view = None

    async def set_theme(self, theme: Theme) -> None:
        """Light, dark, or as the system is."""
        await self._keep(theme=theme)

    async def set_scale(self, scale: float) -> None:
        """How large everything is."""
        if scale in SCALES:
            await self._keep(scale=scale)

    async def set_notifications(self, on: bool) -> None:
        """Whether messages are announced on the desktop."""
        await self._keep(notifications=on)

    async def set_notification_text(self, on: bool) -> None:
        """Whether it is announced what messages say, or only that there are some."""
        await self._keep(notification_text=on)

    async def set_display_name(self, name: str) -> None:
        """Be shown by another name."""
        if await self._attempt(c.SetProfile(display_name=name.strip()), "display_name"):
            self._done("You are shown by this name now." if name.strip() else "You are shown by your user name now.")

    async def change_password(self, old: str, new: str, again: str) -> None:
        """Log in by another password from now on."""
        if (wrong := _wrong(old, new, again)) is not None:
            self._refuse(*wrong)
        elif await self._attempt(c.ChangePassword(old_password=old, new_password=new), "old"):
            self._done("The password is changed; your other logins have ended.")

    async def log_out(self) -> None:
        """Back to the login window."""
        self._close()
        await self._shell.ask_to_log_out()

    async def log_out_everywhere(self) -> None:
        """End every login of this person."""
        self._close()
        await self._shell.log_out_everywhere()

    # --- within --------------------------------------------------------------------------------------------------------

    async def _keep(self, **fields: object) -> None:
        self._apply(await asyncio.to_thread(lambda: self._kept.change(**fields)))
        self._show()

    async def _attempt(self, command: c.Command, field: Field) -> bool:
        try:
            await self._shell.carry_out(command)
        except Refused as refused:
            self._refuse(refused.message, "new" if refused.code == "invalid" and field == "old" else field)
        except ClientError as error:
            self._refuse(str(error), field)
        else:
            return True
        return False

    def _refuse(self, problem: str, field: Field) -> None:
        if self._view is not None:
            self._view.refuse_at(problem, field)

    def _done(self, what: str) -> None:
        if self._view is not None:
            self._view.done(what)
        self._show()

    def _close(self) -> None:
        if self._view is not None:
            self._view.close()

    def _show(self) -> None:
        me = self._shell.client.replica.me
        if self._view is not None and me is not None:
            kept = self._kept.value
            self._view.show_settings(
                Shown(
                    kept.theme,
                    kept.scale,
                    kept.notifications,
                    me.name,
                    me.display_name,
                    not me.guest,
                    self._shell.server,
                    kept.notification_text,
                )
            )


def _wrong(old: str, new: str, again: str) -> tuple[str, Field] | None:
    if not old:
        return "Enter the password you have now.", "old"
    try:
        check_password(new)
    except Refusal as refusal:
        return refusal.message, "new"
    if new != again:
        return "The two new passwords are not the same.", "again"
    return None
