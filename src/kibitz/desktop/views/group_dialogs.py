"""Dialogs about groups: making one, and who is in it.

Rule: what cannot be done is not offered, and what the server refuses is said where it can be mended.
"""

from functools import partial
from typing import Any, Literal

from kibitz.desktop.presenters.groups import CreateGroup, Group, MemberRow, Members
from kibitz.desktop.presenters.shown import PersonRow
from kibitz.desktop.views import kit
from kibitz.desktop.views.dialogs import drive
from kibitz.desktop.views.kit import S1, S2, S3
from kibitz.desktop.views.listing import Line, Listing

WIDTH = 480


class CreateGroupDialog(kit.Dialog):
    """Making a group."""

    def __init__(self, parent: Any, groups: CreateGroup) -> None:
        super().__init__(parent, "New group", width=WIDTH)
        self._groups = groups
        kit.Label(self.body, "New group", "large", bold=True).pack(fill="x")
        self.name = _field(self.body, "Name", "for instance: kitchen")
        self.topic = _field(self.body, "What it is about", "may stay empty")
        self.public = kit.Switch(self.body, "Everyone can find and join it", lambda: None)
        self.public.pack(anchor="w", pady=(S3, 0))
        self.people = _field(self.body, "Members", "Type a name, then Enter")
        self.chips = Chips(self.body, groups.unpick)
        self.list = Listing(
            self.body, "surface", groups.pick, led=True, empty="Nobody is called so.", width=WIDTH, height=170
        )
        self.list.pack(fill="x", pady=(S2, 0))
        self.people.bind("<KeyRelease>", self._typed)
        self.people.bind("<Return>", lambda _: self._pick())
        self.people.bind("<BackSpace>", self._unpick)
        drive(self.people, self.list)
        self.create = self.button("Create group", self._create, "primary")
        self.button("Cancel", self.close)
        self.show(self.name, on_close=groups.closed)

    def allow_public(self, *, allowed: bool) -> None:
        """Whether this person may make groups that everyone can find."""
        if not allowed:
            self.public.pack_forget()

    def show_found(self, people: tuple[PersonRow, ...]) -> None:
        """Whom the letters find."""
        self.list.show(tuple(_person(row) for row in people))
        if people and self.list.cursor is None:
            self.list.cursor = people[0].name
            self.list.redraw()

    def show_picked(self, names: tuple[str, ...]) -> None:
        """Who will be in it."""
        self.chips.show(names)
        if names:
            self.chips.pack(fill="x", pady=(S2, 0), before=self.list)
        else:
            self.chips.pack_forget()

    def busy(self, *, on: bool) -> None:
        """Whether the server is asked just now."""
        self.create.enable(on=not on)
        self.create.configure(text="Creating…" if on else "Create group")
        if on:
            self.refuse("")

    def refuse_at(self, problem: str, field: Literal["name", "topic", "people"]) -> None:
        """What is wrong, and where."""
        self.refuse(problem)
        {"name": self.name, "topic": self.topic, "people": self.people}[field].focus_set()

    def _create(self) -> None:
        self._groups.create(self.name.get(), self.topic.get(), public=self.public.on)

    def _typed(self, event: Any) -> None:
        if event.keysym not in ("Up", "Down", "Return", "Escape", "Tab"):
            self._groups.search(self.people.get())

    def _pick(self) -> str:
        if self.people.get().strip():
            self.list.choose()
            self.people.replace("")
        else:
            self._create()
        return "break"

    def _unpick(self, _: Any) -> None:
        if not self.people.get() and self.chips.names:
            self._groups.unpick(self.chips.names[-1])


class MembersDialog(kit.Dialog):
    """A group: its name, its topic, who is in it."""

    def __init__(self, parent: Any, members: Members) -> None:
        super().__init__(parent, "Group", width=WIDTH)
        self._members = members
        self._group: Group | None = None
        self.title_label = kit.Label(self.body, "", "large", bold=True)
        self.title_label.pack(fill="x")
        self.about = kit.Label(self.body, "", colour="muted", wraplength=WIDTH)
        self.about.pack(fill="x", pady=(2, 0))
        self._build_names()
        self.count = kit.Label(self.body, "Members", "small", colour="muted", bold=True)
        self.count.pack(fill="x", pady=(S3, S1))
        self.list = Listing(
            self.body,
            "surface",
            lambda _: None,
            led=True,
            rested=self._rested,
            asked=self._ask,
            width=WIDTH,
            height=150,
        )
        self.list.pack(fill="x")
        self._build_acts()
        self._build_adding()
        self.note = kit.Label(self.body, "", "small", colour="success")
        self.note.pack(fill="x", pady=(S2, 0))
        self.button("Close", self.close, "primary")
        self.leave = self.button("Leave the group…", self._leave, "danger")
        self.leave.pack_forget()
        self.confirmed = lambda: None  # Return belongs to the fields
        self.show(self.list, on_close=members.closed)

    # --- what the presenter tells --------------------------------------------------------------------------------------

    def show_group(self, group: Group) -> None:
        """Show it as it is now."""
        first, self._group = self._group is None, group
        self.title_label.configure(text=group.name if group.general else f"# {group.name}")
        openness = (
            "Everyone is in it."
            if group.general
            else "Everyone can find and join it."
            if group.public
            else "Only who is brought in can see it."
        )
        self.about.configure(text=f"{group.topic}\n{openness}" if group.topic else openness)
        if first:
            self._put(group)
        self.count.configure(text=f"Members – {len(group.members)}")
        self.list.show(tuple(_member(row) for row in group.members))
        self._rested(self.list.cursor)

    def show_found(self, people: tuple[PersonRow, ...]) -> None:
        """Whom the letters find, of those who are not in it."""
        self.found.show(tuple(_person(row) for row in people))
        if people and self.found.cursor is None:
            self.found.cursor = people[0].name
            self.found.redraw()

    def done(self, what: str) -> None:
        """What has just been done."""
        self.note.configure(text=what)
        self.add.replace("")

    # --- its parts -----------------------------------------------------------------------------------------------------

    def _build_names(self) -> None:
        self._names = kit.Panel(self.body, "surface")
        self.name = _field(self._names, "Name", "")
        self.topic = _field(self._names, "What it is about", "")
        row = kit.Panel(self._names, "surface")
        row.pack(fill="x", pady=(S2, 0))
        self.public = kit.Switch(row, "Everyone can find and join it", lambda: None)
        self.public.pack(side="left")
        self.save = kit.Button(row, "Save", self._save, width=88)
        self.save.pack(side="right")
        for entry in (self.name, self.topic):
            entry.bind("<Return>", lambda _: self._saved_by_key())

    def _build_acts(self) -> None:
        self._acts = kit.Panel(self.body, "surface")
        self.role = kit.Choice(self._acts, ["member", "moderator", "owner"], self._set_role, width=140)
        self.role.pack(side="left")
        self.remove = kit.Button(self._acts, "Remove…", self._remove, look="danger")
        self.remove.pack(side="right")

    def _build_adding(self) -> None:
        self._adding = kit.Panel(self.body, "surface")
        self.add = _field(self._adding, "Add somebody", "Type a name, then Enter")
        self.found = Listing(
            self._adding, "surface", self._add, led=True, empty="Nobody else is called so.", width=WIDTH, height=76
        )
        self.found.pack(fill="x", pady=(S1, 0))
        self.add.bind("<KeyRelease>", self._typed)
        self.add.bind("<Return>", lambda _: self._added_by_key())
        drive(self.add, self.found)

    def _put(self, group: Group) -> None:
        if group.may_update:
            self._names.pack(fill="x", after=self.about)
            self.name.replace(group.name)
            self.topic.replace(group.topic)
            self.public.put(on=group.public)
            if group.general:
                self.name.configure(state="disabled")
            if group.general or not group.may_publish:
                self.public.pack_forget()
        if group.may_add:
            self._adding.pack(fill="x", before=self.note)
        if group.may_leave:
            self.leave.pack(side="left")
        self.fit()

    # --- what is done to it --------------------------------------------------------------------------------------------

    @property
    def _chosen(self) -> MemberRow | None:
        members = self._group.members if self._group is not None else ()
        return next((row for row in members if row.person == self.list.cursor), None)

    def _rested(self, _: Any) -> None:
        row = self._chosen
        if row is None or not (row.may_change or row.may_remove):
            self._acts.pack_forget()
            return
        self._acts.pack(fill="x", pady=(S2, 0), after=self.list)
        self.role.set(row.role)
        self.role.configure(state="normal" if row.may_change else "disabled")
        self.remove.enable(on=row.may_remove)

    def _ask(self, _: Any, event: Any) -> None:
        row = self._chosen
        if row is None or not (row.may_change or row.may_remove):
            return
        menu = kit.Menu(self)
        for role in ("member", "moderator", "owner"):
            menu.add_item(f"Make {role}", partial(self._set_role, role), enabled=row.may_change and role != row.role)
        menu.add_separator()
        menu.add_item("Remove from the group…", self._remove, enabled=row.may_remove)
        menu.open_by(event)

    def _set_role(self, role: Any) -> None:
        row = self._chosen
        if row is not None and role != row.role:
            self._members.set_role(row.name, role)

    def _remove(self) -> None:
        row = self._chosen
        if row is not None:
            kit.confirm(
                self,
                f"Remove {row.name}?",
                f"{row.name} will not see this group any more.",
                lambda: self._members.remove(row.name),
                verb="Remove",
                danger=True,
            )

    def _leave(self) -> None:
        kit.confirm(
            self, "Leave this group?", "You will not see it any more.", self._members.leave, verb="Leave", danger=True
        )

    def _save(self) -> None:
        self._members.update(self.name.get(), self.topic.get(), public=self.public.on)

    def _saved_by_key(self) -> str:
        self._save()
        return "break"

    def _typed(self, event: Any) -> None:
        if event.keysym not in ("Up", "Down", "Return", "Escape", "Tab"):
            self._members.search(self.add.get())

    def _add(self, name: str) -> None:
        self._members.add(name)

    def _added_by_key(self) -> str:
        if self.add.get().strip():
            if self.found.lines:
                self.found.choose()
            else:
                self._members.add(self.add.get())
        return "break"


class Chips(kit.Panel):
    """Names that were picked, each with a cross."""

    def __init__(self, parent: Any, dropped: Any) -> None:
        super().__init__(parent, "surface")
        self.names: tuple[str, ...] = ()
        self._dropped = dropped

    def show(self, names: tuple[str, ...]) -> None:
        """These are picked."""
        if names == self.names:
            return
        self.names = names
        for child in self.winfo_children():
            child.destroy()
        room, row = WIDTH, kit.Panel(self, "surface")
        row.pack(fill="x")
        for name in names:
            chip = kit.Button(row, f"{name}  ✕", partial(self._dropped, name), size="small", height=26)
            wide = round(chip.winfo_reqwidth() / kit.scale_of(self)) + S1
            if room < wide and room < WIDTH:
                chip.destroy()
                room, row = WIDTH, kit.Panel(self, "surface")
                row.pack(fill="x", pady=(S1, 0))
                chip = kit.Button(row, f"{name}  ✕", partial(self._dropped, name), size="small", height=26)
            chip.pack(side="left", padx=(0, S1))
            room -= wide


def _field(parent: Any, label: str, hint: str) -> kit.Entry:
    kit.Label(parent, label, "small", colour="muted").pack(anchor="w", pady=(S3, 2))
    entry = kit.Entry(parent, hint, width=WIDTH)
    entry.pack(fill="x")
    return entry


def _person(row: PersonRow) -> Line:
    return Line(row.name, row.name, person=row.person, status=row.status, strong=row.status != "offline")


def _member(row: MemberRow) -> Line:
    note = " · ".join(words for words in ("you" if row.me else "", "" if row.role == "member" else row.role) if words)
    return Line(row.person, row.name, person=row.person, status=row.status, note=note, strong=True)
