"""The widgets everything is made of: customtkinter's in our colours, and plain Tk's where it has nothing.

Rule: nobody else imports customtkinter, and nobody names a colour or a font but by its token. Whatever can be clicked can be reached and
pressed by keyboard, and shows where the focus is.
"""

import tkinter
from collections.abc import Callable
from contextlib import suppress
from tkinter import font as tkfont
from typing import Any, Final, Literal

import customtkinter as ctk

from kibitz.design import Colours, tokens
from kibitz.desktop.views import paint
from kibitz.desktop.views.garbage import Collecting

Mode = Literal["light", "dark"]
Size = Literal["small", "body", "large", "title"]

CLEAR, pair = paint.CLEAR, paint.pair
S1, S2, S3, S4, S5, S6 = tokens().space
"""Distances in pixels at scale 1."""

TOOLTIP_MS: Final = 500
"""How long a pointer rests on something before that is explained; Windows waits as long."""

_families: dict[str, str] = {"sans": "", "mono": ""}


def mode() -> Mode:
    """Whether it is light or dark just now."""
    return "dark" if ctk.get_appearance_mode() == "Dark" else "light"


def colours() -> Colours:
    """The colours of now, for what customtkinter does not draw."""
    return tokens().dark if mode() == "dark" else tokens().light


def set_mode(wanted: Mode) -> None:
    """Change every window at once."""
    # customtkinter would ask the system 33 times a second, by a program of its own each time: nobody needs that loop.
    ctk.AppearanceModeTracker.update_loop_running = True
    ctk.set_appearance_mode(wanted)


def set_scale(scale: float) -> None:
    """Make everything so much larger; 1 is 96 dots an inch."""
    ctk.set_widget_scaling(scale)
    ctk.set_window_scaling(scale)


def scale_of(widget: Any) -> float:
    """How large a widget is to be; 1 is 96 dots an inch."""
    return float(ctk.ScalingTracker.get_widget_scaling(widget))


def px(widget: Any, pixels: float) -> int:
    """So many pixels at scale 1, at the scale of now: for what customtkinter does not scale."""
    return round(pixels * scale_of(widget))


def tk_font(widget: Any, size: Size = "body", *, bold: bool = False, mono: bool = False) -> tkfont.Font:
    """A font for a widget of plain Tk, at the scale of now; make it anew when that changes."""
    weight: Literal["normal", "bold"] = "bold" if bold else "normal"
    pixels = px(widget, getattr(tokens().fonts, size))
    return tkfont.Font(root=widget, family=_families["mono" if mono else "sans"], size=-pixels, weight=weight)


def font(size: Size = "body", *, bold: bool = False, mono: bool = False) -> ctk.CTkFont:
    """A font for one of our widgets, which scales it."""
    return ctk.CTkFont(
        _families["mono" if mono else "sans"], getattr(tokens().fonts, size), "bold" if bold else "normal"
    )


class Window(Collecting, ctk.CTk):  # type: ignore[misc]  # customtkinter has no types
    """The program's root, which is also its main window."""

    def __init__(self) -> None:
        ctk.ThemeManager.theme = paint.theme(_families["sans"])
        super().__init__(className="Kibitz")
        for kind in _families:
            _families[kind] = _family(getattr(tokens().fonts, kind), kind)
        ctk.ThemeManager.theme["CTkFont"]["family"] = _families["sans"]
        self.title("Kibitz")

    def _set_scaling(self, widgets: float, windows: float) -> None:
        _rescale(self, super()._set_scaling, widgets, windows)

    def restore(self, geometry: str) -> None:
        """Have the size and place that it had, as far as the screen of now has room."""
        scale = self._get_window_scaling()
        screen = round(self.winfo_screenwidth() / scale), round(self.winfo_screenheight() / scale)
        self.geometry(paint.fitting(geometry, screen))
        self.minsize(min(360, screen[0]), min(560, screen[1]))

    def natural_scale(self) -> float:
        """How large everything should be on this screen, in quarters; customtkinter finds that out by itself elsewhere than on X."""
        if self._windowingsystem != "x11":
            return 1.0
        return max(1.0, min(round(float(self.winfo_fpixels("1i")) / 96 * 4) / 4, 3.0))


def _rescale(window: Any, follow: Callable[[float, float], None], widgets: float, windows: float) -> None:
    """Another scale for a window, as customtkinter does it, who would then hold it at its size for a second by a timer nobody ends."""
    window.after = lambda *_: ""
    try:
        follow(widgets, windows)
    finally:
        del window.after
    window._set_scaled_min_max()


class Toplevel(ctk.CTkToplevel):  # type: ignore[misc]
    """Another window: it belongs to its parent. A `modal` one has the focus until it closes, which Escape does, and gives it back."""

    def __init__(self, parent: Any, title: str, *, modal: bool = False) -> None:
        clicks = parent.tk.call("bind", "all", "<Button-1>")
        super().__init__(parent)
        parent.tk.call("bind", "all", "<Button-1>", clicks)  # customtkinter adds one more for every window, for ever
        self.title(title)
        self.closed: Callable[[], Any] = lambda: None
        self._before = parent.focus_get() if modal else None
        if modal:
            self.transient(parent.winfo_toplevel())
            self.bind("<Escape>", lambda _: self.close())
            self.bind("<Map>", self._mapped)
        self.protocol("WM_DELETE_WINDOW", self.close)

    def _set_scaling(self, widgets: float, windows: float) -> None:
        _rescale(self, super()._set_scaling, widgets, windows)

    def close(self) -> None:
        """End it."""
        before, self._before = self._before, None
        self.grab_release()
        self.destroy()
        self.closed()
        if before is not None:
            with suppress(tkinter.TclError):  # it is gone itself
                before.focus_set()

    def center(self, width: int, height: int) -> None:
        """Put it over the middle of its parent, in pixels at scale 1."""
        scale = self._get_window_scaling()
        x, y = self._middle(int(width * scale), int(height * scale))
        self.geometry(f"{width}x{height}+{x}+{y}")

    def _middle(self, width: int, height: int) -> tuple[int, int]:
        parent = self.master.winfo_toplevel()
        x = parent.winfo_rootx() + (parent.winfo_width() - width) // 2
        y = parent.winfo_rooty() + (parent.winfo_height() - height) // 3
        room = (self.winfo_screenwidth() - width, self.winfo_screenheight() - height)
        return max(0, min(x, room[0])), max(0, min(y, room[1]))

    def _mapped(self, event: "tkinter.Event[Any]") -> None:
        if event.widget is self:
            with suppress(tkinter.TclError):  # somebody else's menu has the pointer just now
                self.grab_set()


class Dialog(Toplevel):
    """A small modal window: fill `body`, add buttons to its foot, then `show` it. Return does what the first button does."""

    def __init__(self, parent: Any, title: str, *, width: int = 420) -> None:
        super().__init__(parent, title, modal=True)
        self.withdraw()
        self.configure(fg_color=pair("edge"))  # a rim, for where windows have no frame
        self.resizable(width=False, height=False)
        ground = Panel(self, "surface")
        ground.pack(fill="both", expand=True, padx=1, pady=1)
        self.foot = Panel(ground, "surface")
        self.foot.pack(fill="x", side="bottom", padx=S5, pady=(S2, S5))
        self.problem = Label(ground, "", colour="danger", wraplength=width)
        self.body = Panel(ground, "surface", width=width)
        self.body.pack(fill="both", expand=True, padx=S5, pady=(S5, S2))
        Panel(self.body, "surface", width=width, height=1).pack()  # so wide at least
        self.confirmed: Callable[[], Any] = self.close
        self.bind("<Return>", lambda _: self.confirmed())

    def button(self, text: str, command: Callable[[], Any], look: "Look" = "plain") -> "Button":
        """One more button at the foot, to the left of those before; the first is what Return does."""
        if not self.foot.winfo_children():
            self.confirmed = command
        made = Button(self.foot, text, command, look=look, bold=look == "primary", height=36, width=96)
        made.pack(side="right", padx=(S2, 0))
        return made

    def refuse(self, problem: str) -> None:
        """Say what is wrong; an empty text: nothing any more."""
        self.problem.configure(text=problem)
        if problem:
            self.problem.pack(fill="x", padx=S5, after=self.foot, side="bottom")
        else:
            self.problem.pack_forget()

    def fit(self) -> None:
        """Put it over the middle of its parent, as large as what is in it."""
        self.update_idletasks()
        x, y = self._middle(self.winfo_reqwidth(), self.winfo_reqheight())
        tkinter.Toplevel.geometry(self, "")
        tkinter.Toplevel.geometry(self, f"+{x}+{y}")
        tkinter.Toplevel.maxsize(self, self.winfo_screenwidth(), self.winfo_screenheight())

    def show(self, first: Any = None, *, on_close: Callable[[], Any] = lambda: None) -> None:
        """Put it over the middle of its parent, with the focus on `first`; `on_close` is called when it has gone."""
        self.closed = on_close
        self.fit()
        self.deiconify()
        self.lift()
        self.focus_force()
        (first or self.foot.winfo_children()[0]).focus_set()


def confirm(
    parent: Any, title: str, text: str, action: Callable[[], Any], *, verb: str = "OK", danger: bool = False
) -> Dialog:
    """Ask before something that cannot be taken back; `action` is what happens if the person presses the button that says `verb`."""
    dialog = Dialog(parent, title)
    Label(dialog.body, title, "large", bold=True).pack(fill="x")
    Label(dialog.body, text, wraplength=420).pack(fill="x", pady=(S2, S3))

    def agreed() -> None:
        dialog.close()
        action()

    dialog.button(verb, agreed, "danger" if danger else "primary")
    cancel = dialog.button("Cancel", dialog.close)
    dialog.show(cancel if danger else None)
    return dialog


class Menu(tkinter.Menu):
    """A menu that pops up, in our colours: `add_item` and `add_separator`, then `open_at` a widget or `open_by` the pointer."""

    def __init__(self, parent: Any) -> None:
        now = colours()
        super().__init__(parent, tearoff=False, relief="flat", borderwidth=px(parent, 1), activeborderwidth=0)
        self._font = tk_font(parent)
        self.configure(font=self._font, background=now.surface, foreground=now.text, disabledforeground=now.muted)
        self.configure(activebackground=now.accent, activeforeground=now.on_accent, selectcolor=now.text)

    def add_item(self, text: str, command: Callable[[], Any], *, keys: str = "", enabled: bool = True) -> None:
        """One more line; `keys` says how the keyboard does the same."""
        state: Literal["normal", "disabled"] = "normal" if enabled else "disabled"
        self.add_command(label=f" {text} ", command=command, accelerator=keys, state=state)

    def open_at(self, widget: Any) -> None:
        """Open it below a widget."""
        self.tk_popup(widget.winfo_rootx(), widget.winfo_rooty() + widget.winfo_height())

    def open_by(self, event: "tkinter.Event[Any]") -> None:
        """Open it where the pointer is."""
        self.tk_popup(event.x_root, event.y_root)


class Tooltip:
    """A few words on a widget, for whoever waits with the pointer on it or comes to it by keyboard. `text` may change."""

    def __init__(self, widget: Any, text: str) -> None:
        self.text = text
        self._widget, self._timer = widget, ""
        self._shown: tkinter.Toplevel | None = None
        for part in (widget, *widget.winfo_children()):
            for event in ("<Enter>", "<FocusIn>"):
                tkinter.Misc.bind(part, event, self._soon, add=True)
            for event in ("<Leave>", "<FocusOut>", "<ButtonPress>", "<KeyPress>", "<Destroy>"):
                tkinter.Misc.bind(part, event, self._hide, add=True)

    def _soon(self, _: "tkinter.Event[Any]") -> None:
        if not self._timer and self._shown is None:
            self._timer = self._widget.after(TOOLTIP_MS, self._show)

    def _show(self) -> None:
        self._timer = ""
        widget, now = self._widget, colours()
        if not self.text or not widget.winfo_viewable():
            return
        self._shown = tip = tkinter.Toplevel(widget, background=now.border)
        tip.wm_overrideredirect(boolean=True)
        self._font = tk_font(widget, "small")
        words = tkinter.Label(tip, text=self.text, font=self._font, background=now.raised, foreground=now.text)
        words.configure(padx=px(widget, 8), pady=px(widget, 4), wraplength=px(widget, 320), justify="left")
        words.pack(padx=1, pady=1)
        tip.update_idletasks()
        x = min(widget.winfo_rootx(), widget.winfo_screenwidth() - tip.winfo_reqwidth())
        below = widget.winfo_rooty() + widget.winfo_height() + px(widget, 4)
        above = widget.winfo_rooty() - tip.winfo_reqheight() - px(widget, 4)
        y = below if below + tip.winfo_reqheight() < widget.winfo_screenheight() else above
        tip.wm_geometry(f"+{max(0, x)}+{max(0, y)}")

    def _hide(self, _: "tkinter.Event[Any]") -> None:
        timer, self._timer = self._timer, ""
        shown, self._shown = self._shown, None
        with suppress(tkinter.TclError):  # the window is gone
            if timer:
                self._widget.after_cancel(timer)
            if shown is not None:
                shown.destroy()


class Panel(ctk.CTkFrame):  # type: ignore[misc]
    """A part of a window, on a background of its own."""

    def __init__(self, parent: Any, ground: str | None = None, *, radius: int = 0, **options: Any) -> None:
        super().__init__(parent, fg_color=pair(ground) if ground else CLEAR, corner_radius=radius, **options)


class Label(ctk.CTkLabel):  # type: ignore[misc]
    """Words."""

    def __init__(
        self,
        parent: Any,
        text: str = "",
        size: Size = "body",
        *,
        colour: str = "text",
        bold: bool = False,
        mono: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(
            parent,
            text=text,
            font=font(size, bold=bold, mono=mono),
            text_color=pair(colour),
            **{"anchor": "w", "justify": "left", "height": 0} | options,
        )


Look = Literal["primary", "plain", "quiet", "danger"]

_LOOKS: Final[dict[str, dict[str, str]]] = {
    # what a button is for: its ground, its ground under the pointer, its words
    "primary": {"fg_color": "accent", "hover_color": "accent_hover", "text_color": "on_accent"},
    "plain": {"fg_color": "raised", "hover_color": "hover", "text_color": "text"},
    "quiet": {"fg_color": "", "hover_color": "hover", "text_color": "muted"},
    "danger": {"fg_color": "danger_soft", "hover_color": "hover", "text_color": "danger"},
}


class Button(ctk.CTkButton):  # type: ignore[misc]
    """A button: Tab leads to it, Space and Return press it, a ring shows that it has the focus."""

    def __init__(
        self,
        parent: Any,
        text: str,
        command: Callable[[], Any],
        *,
        look: Look = "plain",
        size: Size = "body",
        bold: bool = False,
        **options: Any,
    ) -> None:
        painted = {where: pair(name) if name else CLEAR for where, name in _LOOKS[look].items()}
        super().__init__(
            parent,
            text=text,
            command=command,
            font=font(size, bold=bold),
            text_color_disabled=pair("muted"),
            **painted | {"width": 0, "height": 32, "border_width": 2, "border_color": pair("window")} | options,
        )
        self._focused = pair("text" if look == "primary" else "focus")
        self._show_focus()
        self._canvas.configure(takefocus=1)
        for event in ("<FocusIn>", "<FocusOut>"):
            self._canvas.bind(event, self._show_focus)
        for key in ("<space>", "<Return>", "<KP_Enter>"):
            self._canvas.bind(key, self._pressed)

    def focus_set(self) -> None:
        """Give it the focus."""
        self._canvas.focus_set()

    def enable(self, *, on: bool) -> None:
        """Whether it can be pressed."""
        self.configure(state="normal" if on else "disabled")
        self._canvas.configure(takefocus=1 if on else 0)

    def paint(self, ground: str | None, words: str) -> None:
        """Give it other colours, by token; without a ground it has that of what it lies on."""
        self.configure(fg_color=pair(ground) if ground else CLEAR, text_color=pair(words))
        self._show_focus()

    def _show_focus(self, event: "tkinter.Event[Any] | None" = None) -> None:
        ground = self._bg_color if self._fg_color == CLEAR else self._fg_color
        focused = event is not None and event.type == tkinter.EventType.FocusIn
        self.configure(border_color=self._focused if focused else ground)

    def _pressed(self, _: "tkinter.Event[Any]") -> str:
        self.invoke()
        return "break"


class Entry(ctk.CTkEntry):  # type: ignore[misc]
    """A line to write in."""

    def __init__(self, parent: Any, hint: str = "", *, secret: bool = False, **options: Any) -> None:
        super().__init__(
            parent,
            placeholder_text=hint,
            font=font(),
            **{"height": 36, "border_width": 2, "show": "•" if secret else ""} | options,
        )
        self._entry.bind("<FocusIn>", lambda _: self.configure(border_color=pair("focus")), add=True)
        self._entry.bind("<FocusOut>", lambda _: self.configure(border_color=pair("edge")), add=True)

    def replace(self, text: str) -> None:
        """Write this into it."""
        self.delete(0, "end")
        if text:
            self.insert(0, text)


class Choice(ctk.CTkOptionMenu):  # type: ignore[misc]
    """One of several; Up and Down change it, Space opens the list."""

    def __init__(self, parent: Any, values: list[str], chosen: Callable[[str], Any], **options: Any) -> None:
        super().__init__(
            parent, values=values or [""], command=chosen, font=font(), dropdown_font=font(), **{"height": 32} | options
        )
        self._canvas.configure(takefocus=1)
        for key, step in (("<Up>", -1), ("<Down>", 1)):
            self._canvas.bind(key, lambda _, by=step: self._step(by))
        self._canvas.bind("<space>", lambda _: self._open_dropdown_menu())
        for event, colour in (("<FocusIn>", "focus"), ("<FocusOut>", "raised")):
            self._canvas.bind(event, lambda _, name=colour: self.configure(button_color=pair(name)))

    def focus_set(self) -> None:
        """Give it the focus."""
        self._canvas.focus_set()

    def _step(self, by: int) -> None:
        values = self.cget("values")
        at = (values.index(self.get()) + by) % len(values) if self.get() in values else 0
        self.set(values[at])
        if self._command is not None:
            self._command(values[at])


class Switch(ctk.CTkSwitch):  # type: ignore[misc]
    """On or off; Space changes it."""

    def __init__(self, parent: Any, text: str, changed: Callable[[], Any], **options: Any) -> None:
        super().__init__(parent, text=text, command=changed, font=font(), **{"width": 44, "height": 28} | options)
        self._canvas.grid_configure(padx=4)
        self._text_label.grid_configure(padx=(0, 6))
        for part in (self._canvas, self._text_label):
            part.bind("<Button-1>", lambda _: self._bg_canvas.focus_set(), add=True)
        self._bg_canvas.configure(takefocus=1, highlightthickness=2)
        self._bg_canvas.bind("<space>", lambda _: self.toggle())

    def focus_set(self) -> None:
        """Give it the focus."""
        self._bg_canvas.focus_set()

    def _draw(self, no_color_updates: bool = False) -> None:
        # customtkinter's own knob is as high as its track, and white on white at its rim: this one has the track all around it.
        scale, paint = self._apply_widget_scaling, self._apply_appearance_mode
        width, height = scale(self._switch_width), scale(self._switch_height)
        ground, track = paint(self._bg_color), paint(self._progress_color if self._check_state else self._fg_color)
        self._draw_engine.draw_rounded_rect_with_border(width, height, height / 2, 0)
        self._canvas.itemconfig("inner_parts", fill=track, outline=track)
        self._canvas.delete("knob")
        x = width - height / 2 if self._check_state else height / 2
        self._canvas.create_aa_circle(
            x, height / 2, round(height / 2 - scale(3)), fill=paint(self._button_color), tags="knob"
        )
        self._canvas.configure(bg=ground)
        self._bg_canvas.configure(bg=ground, highlightbackground=ground, highlightcolor=paint(pair("focus")))
        colour = self._text_color_disabled if self._state == "disabled" else self._text_color
        self._text_label.configure(bg=ground, fg=paint(colour))

    @property
    def on(self) -> bool:
        """Whether it is on."""
        return bool(self.get())

    def put(self, *, on: bool) -> None:
        """Turn it on or off without telling anyone."""
        if on:
            self.select(from_variable_callback=True)
        else:
            self.deselect(from_variable_callback=True)


class Progress(ctk.CTkProgressBar):  # type: ignore[misc]
    """How far something is, from 0 to 1."""

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **{"height": 6, "width": 120} | options)
        self.set(0)


class Scrollbar(ctk.CTkScrollbar):  # type: ignore[misc]
    """A bar that scrolls; `command` is asked as Tk's own asks."""

    def __init__(self, parent: Any, command: Callable[..., Any], **options: Any) -> None:
        super().__init__(parent, command=command, fg_color=CLEAR, **options)


Canvas = ctk.CTkCanvas
"""Tk's, with round corners that are smooth."""


class TextPane(Panel):
    """Plain Tk's Text, which customtkinter has no equal of, with a scroll bar and in our colours.

    `text` is the widget. `fonts` makes scaled fonts for its tags; `restyled` is called when they or the colours have changed.
    """

    def __init__(self, parent: Any, ground: str = "surface", *, mono: bool = False, **options: Any) -> None:
        super().__init__(parent, ground)
        self._ground, self._mono = ground, mono
        self.restyled: Callable[[], None] = lambda: None
        self.fonts: dict[tuple[str, ...], tkfont.Font] = {}
        self.grid_rowconfigure(0, weight=1)
        self.grid_columnconfigure(0, weight=1)
        self.text = tkinter.Text(self, wrap="word", relief="flat", borderwidth=0, highlightthickness=0)
        self.text.configure(**options)
        self.text.grid(row=0, column=0, sticky="nsew")
        self.bar = Scrollbar(self, self.text.yview)
        self.bar.grid(row=0, column=1, sticky="ns")
        self.text.configure(yscrollcommand=self.bar.set)
        self._restyle()

    def font(
        self, size: Size = "body", *styles: Literal["bold", "italic", "mono", "strike", "underline"]
    ) -> tkfont.Font:
        """A font for a tag, at the scale of now."""
        key = (size, *sorted(styles))
        if key not in self.fonts:
            self.fonts[key] = tkfont.Font(root=self)
            self._shape(key)
        return self.fonts[key]

    def px(self, pixels: float) -> int:
        """So many pixels at scale 1, at the scale of now."""
        return round(pixels * float(self._get_widget_scaling()))

    def _shape(self, key: tuple[str, ...]) -> None:
        size, *styles = key
        self.fonts[key].configure(
            family=_families["mono" if "mono" in styles else "sans"],
            size=-self.px(getattr(tokens().fonts, size)),
            weight="bold" if "bold" in styles else "normal",
            slant="italic" if "italic" in styles else "roman",
            underline="underline" in styles,
            overstrike="strike" in styles,
        )

    def _restyle(self) -> None:
        now = colours()
        for key in self.fonts:
            self._shape(key)
        self.text.configure(
            background=getattr(now, self._ground),
            foreground=now.text,
            insertbackground=now.text,
            insertwidth=self.px(2),
            selectbackground=now.selection,
            selectforeground=now.text,
            inactiveselectbackground=now.selection,
            font=self.font("body", "mono") if self._mono else self.font(),
        )
        self.restyled()

    def _set_appearance_mode(self, mode_string: str) -> None:
        super()._set_appearance_mode(mode_string)
        if hasattr(self, "text"):
            self._restyle()

    def _set_scaling(self, *args: Any, **kwargs: Any) -> None:
        super()._set_scaling(*args, **kwargs)
        if hasattr(self, "text"):
            self._restyle()


def _family(wanted: list[str], kind: str) -> str:
    there = set(tkfont.families())
    fixed = tkfont.nametofont("TkFixedFont" if kind == "mono" else "TkDefaultFont")
    return next((name for name in wanted if name in there), str(fixed.actual("family")))
