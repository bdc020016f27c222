"""Plain ttk in our colours: for tables, and for the file dialogs that Tk draws itself where the system has none.

Rule: whoever is about to open something made of it has it styled anew, since mode and scale may have changed; nobody else touches its styles.
"""

from contextlib import suppress
from tkinter import TclError, ttk
from typing import Any

from kibitz.desktop.views import kit

TABLE = "Kibitz.Treeview"
"""The style of our tables."""


_ICON_LIST = """
    if {![info exists ::kibitz::ground]} {
        namespace eval ::kibitz {variable ground {} words {}}
        oo::class create ::kibitz::IconLook {
            method Create {} {
                next
                my variable canvas
                $canvas configure -background $::kibitz::ground
            }
            method DrawSelection {} {
                my variable canvas
                next
                foreach item [$canvas find all] {
                    if {[$canvas type $item] eq "text" && "selectionText" ni [$canvas itemcget $item -tags]} {
                        $canvas itemconfigure $item -fill $::kibitz::words
                    }
                }
            }
        }
        oo::define ::tk::IconList mixin ::kibitz::IconLook
    }
"""
"""Tk's own list of files is black on white, whatever the style says."""


def style_plain(window: Any) -> None:
    """Give ttk the colours and sizes of now."""
    now, style = kit.colours(), ttk.Style(window)
    if window.tk.call("tk", "windowingsystem") == "x11":
        style.theme_use("clam")  # the only one of those on X that takes colours for everything
        _style_dialogs(window, style)
    # ttk knows only named fonts, which live as long as the window that holds them.
    window.plain_fonts = body, head = kit.tk_font(window), kit.tk_font(window, "small", bold=True)
    style.configure(
        TABLE, background=now.surface, fieldbackground=now.surface, foreground=now.text, font=body, borderwidth=0,
        relief="flat", rowheight=kit.px(window, 30), bordercolor=now.surface, lightcolor=now.surface, darkcolor=now.surface,
    )  # fmt: skip
    style.map(TABLE, background=[("selected", now.accent)], foreground=[("selected", now.on_accent)])
    style.configure(
        f"{TABLE}.Heading", background=now.surface, foreground=now.muted, font=head, relief="flat", borderwidth=0,
        padding=(kit.px(window, 4), kit.px(window, 6)), bordercolor=now.surface, lightcolor=now.surface, darkcolor=now.surface,
    )  # fmt: skip
    style.map(f"{TABLE}.Heading", background=[("active", now.hover)])
    style.layout(TABLE, [("Treeview.treearea", {"sticky": "nswe"})])  # without the frame around it


def _style_dialogs(window: Any, style: ttk.Style) -> None:
    now = kit.colours()
    window.plain_font = kit.tk_font(window)
    style.configure(
        ".", background=now.window, foreground=now.text, fieldbackground=now.surface, font=window.plain_font,
        bordercolor=now.edge, lightcolor=now.raised, darkcolor=now.raised, troughcolor=now.raised, arrowcolor=now.text,
        selectbackground=now.accent, selectforeground=now.on_accent, insertcolor=now.text, focuscolor=now.focus,
    )  # fmt: skip
    for state in ("TButton", "TMenubutton", "Toolbutton", "TCombobox", "TScrollbar"):
        style.configure(state, background=now.raised)
        style.map(state, background=[("active", now.hover)], foreground=[("disabled", now.muted)])
    style.map("TCombobox", fieldbackground=[("readonly", now.surface)])
    style.map("TEntry", bordercolor=[("focus", now.focus)])
    window.option_add("*__tk_filedialog*Foreground", now.text, "interactive")
    with suppress(TclError):  # another version of Tk may draw it otherwise
        window.tk.call("catch", "tk_getOpenFile -no-such-option 1")  # loads it, so that it can be told what follows
        window.tk.call("set", "::tk::dialog::file::showHiddenBtn", "1")
        window.tk.call("set", "::tk::dialog::file::showHiddenVar", "0")
        window.tk.eval(_ICON_LIST)
        window.tk.call("set", "::kibitz::ground", now.surface)
        window.tk.call("set", "::kibitz::words", now.text)
        for path in window.tk.splitlist(window.tk.call("winfo", "children", ".")):
            if str(path).endswith(".__tk_filedialog"):  # kept from the last time, in the colours of then
                window.tk.call("destroy", path)
