"""The one table: every command, what it needs, and what carries it out.

Rule: a command that is not a row here does not exist, on any transport.
"""

from typing import Final

from kibitz.api import accounts, coding, languages, live, running
from kibitz.api.code_things import part_of, place_of_run, place_of_session, run_of, runs_of, session_of
from kibitz.api.things import file_of, member_of, message_of, room_if_named, room_of, user_of
from kibitz.api.verb import HUGE, LARGE, Mode, Verb
from kibitz.domain.access import Act
from kibitz.features.accounts import admin, log_in, profile, tokens
from kibitz.features.files import sharing
from kibitz.features.messaging import change, post, read
from kibitz.features.reading import marking
from kibitz.features.rooms import creating, joining, leaving, listing, roles, updating
from kibitz.features.running import reading
from kibitz.features.sessions import changing
from kibitz.features.sessions import joining as joining_sessions
from kibitz.features.sessions import listing as sessions
from kibitz.wire import code_commands as k
from kibitz.wire import commands as c
from kibitz.wire import results as r
from kibitz.wire import views as v

READ, WRITE, LIVE, TASK = Mode.READ, Mode.WRITE, Mode.LIVE, Mode.TASK

_CONNECTION: Final = (
    Verb(c.LogIn, accounts.log_in, TASK, r.Welcome, login=False, cost=5, size=LARGE),
    Verb(c.Ping, live.ping, LIVE, http=("GET", "/ping")),
    Verb(c.Help, live.guide, LIVE, r.Guide),
    Verb(c.Quit, live.quit, LIVE, login=False),
    Verb(c.SetPresence, live.set_presence, LIVE),
    Verb(c.SetTyping, live.set_typing, LIVE),
    Verb(c.ListOnline, live.list_online, LIVE, r.Online, cost=2, http=("GET", "/online")),
)

_MESSAGES: Final = (
    Verb(c.PostMessage, post.post_many, WRITE, r.Posted, Act.POST, room_of, size=LARGE, many=post.post_many,
         http=("POST", "/rooms/{room}/messages"), status=201),
    Verb(c.EditMessage, change.edit, WRITE, r.Changed, Act.EDIT_MESSAGE, message_of, size=LARGE,
         http=("PATCH", "/rooms/{room}/messages/{seq}")),
    Verb(c.DeleteMessage, change.take_back, WRITE, r.Changed, Act.DELETE_MESSAGE, message_of,
         http=("DELETE", "/rooms/{room}/messages/{seq}")),
    Verb(c.AddReaction, change.react, WRITE, r.Changed, Act.REACT, message_of,
         http=("PUT", "/rooms/{room}/messages/{seq}/reactions/{emoji}")),
    Verb(c.RemoveReaction, change.unreact, WRITE, r.Changed, Act.REACT, message_of,
         http=("DELETE", "/rooms/{room}/messages/{seq}/reactions/{emoji}")),
    Verb(c.GetHistory, read.history, READ, r.History, Act.READ_ROOM, room_of, cost=2, http=("GET", "/rooms/{room}/messages")),
    Verb(c.GetMessage, read.one, READ, v.Message, Act.READ_MESSAGE, message_of, http=("GET", "/rooms/{room}/messages/{seq}")),
    Verb(c.GetVersions, read.old_versions, READ, r.Versions, Act.READ_MESSAGE, message_of,
         http=("GET", "/rooms/{room}/messages/{seq}/versions")),
    Verb(c.GetChanges, read.changes, READ, r.Changes, Act.READ_ROOM, room_of, cost=4, http=("GET", "/rooms/{room}/changes")),
    Verb(c.MarkRead, marking.mark_read, WRITE, r.Read, Act.READ_ROOM, room_of, http=("PUT", "/rooms/{room}/read")),
)  # fmt: skip

_ROOMS: Final = (
    Verb(c.CreateRoom, creating.create_room, WRITE, v.Room, Act.CREATE_PRIVATE_ROOM, cost=5, size=LARGE, http=("POST", "/rooms"),
         status=201),
    Verb(c.OpenDirect, creating.open_direct, WRITE, v.Room, cost=2, http=("PUT", "/direct/{user}")),
    Verb(c.UpdateRoom, updating.update_room, WRITE, r.Changed, Act.CHANGE_ROOM, room_of, http=("PATCH", "/rooms/{room}")),
    Verb(c.ListRooms, listing.list_rooms, READ, r.Rooms, cost=5, http=("GET", "/rooms")),
    Verb(c.BrowseRooms, listing.browse, READ, r.PublicRooms, Act.BROWSE_ROOMS, cost=2, http=("GET", "/public-rooms")),
    Verb(c.GetRoom, listing.get_room, READ, v.Room, Act.SEE_ROOM, room_of, http=("GET", "/rooms/{room}")),
    Verb(c.JoinRoom, joining.join_room, WRITE, v.MyRoom, Act.JOIN_ROOM, room_of, http=("POST", "/rooms/{room}/join")),
    Verb(c.LeaveRoom, leaving.leave_room, WRITE, r.Changed, Act.LEAVE_ROOM, room_of, http=("POST", "/rooms/{room}/leave")),
    Verb(c.AddMember, joining.add_member, WRITE, r.Changed, Act.ADD_MEMBER, room_of, http=("PUT", "/rooms/{room}/members/{user}")),
    Verb(c.RemoveMember, leaving.remove_member, WRITE, r.Changed, Act.REMOVE_MEMBER, member_of,
         http=("DELETE", "/rooms/{room}/members/{user}")),
    Verb(c.SetRoomRole, roles.set_room_role, WRITE, r.Changed, Act.SET_ROOM_ROLE, member_of,
         http=("PATCH", "/rooms/{room}/members/{user}")),
    Verb(c.ListMembers, listing.list_members, READ, r.Members, Act.READ_ROOM, room_of, cost=2,
         http=("GET", "/rooms/{room}/members")),
)  # fmt: skip

_ACCOUNTS: Final = (
    Verb(c.SignUp, accounts.sign_up, TASK, r.LoggedIn, login=False, cost=10, http=("POST", "/accounts"), status=201),
    Verb(c.ObtainToken, accounts.obtain_token, TASK, r.LoggedIn, login=False, cost=5, http=("POST", "/login"), status=201),
    Verb(c.LogOut, log_in.log_out, WRITE, http=("POST", "/logout")),
    Verb(c.LogOutEverywhere, log_in.log_out_everywhere, WRITE, http=("POST", "/logout-everywhere")),
    Verb(c.ChangePassword, accounts.change_password, TASK, cost=10, http=("PUT", "/me/password")),
    Verb(c.CreateToken, accounts.create_token, TASK, r.TokenCreated, Act.MAKE_TOKEN, http=("POST", "/tokens"), status=201),
    Verb(c.ListTokens, tokens.list_tokens, READ, r.Tokens, http=("GET", "/tokens")),
    Verb(c.RevokeToken, tokens.revoke_token, WRITE, http=("DELETE", "/tokens/{token}")),
    Verb(c.GetMe, profile.get_me, READ, v.User, http=("GET", "/me")),
    Verb(c.SetProfile, profile.set_profile, WRITE, v.User, cost=10, http=("PATCH", "/me")),
    Verb(c.ListUsers, profile.list_users, READ, r.Users, cost=2, http=("GET", "/users")),
    Verb(c.CreateUser, accounts.create_user, TASK, v.User, Act.CREATE_USER, accounts.role_of, cost=5, http=("POST", "/users"), status=201),
    Verb(c.SetRole, admin.set_role, WRITE, v.User, Act.CHANGE_USER, user_of, http=("PUT", "/users/{user}/role")),
    Verb(c.SetDisabled, admin.set_disabled, WRITE, v.User, Act.CHANGE_USER, user_of, http=("PUT", "/users/{user}/disabled")),
    Verb(c.ResetPassword, accounts.reset_password, TASK, r.Done, Act.CHANGE_USER, user_of, cost=5,
         http=("PUT", "/users/{user}/password")),
)  # fmt: skip

_FILES: Final = (
    Verb(c.ListFiles, sharing.list_files, READ, r.Files, Act.LIST_FILES, room_if_named, cost=2, http=("GET", "/files")),
    Verb(
        c.DeleteFile, sharing.delete_file, WRITE, r.Changed, Act.DELETE_FILE, file_of, http=("DELETE", "/files/{file}")
    ),
)

_SESSIONS: Final = (
    Verb(k.CreateSession, coding.create_session, TASK, r.SessionJoined, Act.CREATE_SESSION, place_of_session, cost=5, size=HUGE,
         http=("POST", "/sessions"), status=201),
    Verb(k.JoinSession, coding.join_session, TASK, r.SessionJoined, Act.JOIN_SESSION, session_of, cost=2,
         http=("POST", "/sessions/{session}/join")),
    Verb(k.LeaveSession, joining_sessions.leave_session, WRITE, r.SessionChanged, Act.LEAVE_SESSION, session_of,
         http=("POST", "/sessions/{session}/leave")),
    Verb(k.InviteToSession, changing.invite, WRITE, r.SessionChanged, Act.INVITE_TO_SESSION, session_of, cost=2,
         http=("PUT", "/sessions/{session}/invitations/{user}")),
    Verb(k.SetSessionRole, changing.set_role, WRITE, r.SessionChanged, Act.CHANGE_PART, part_of,
         http=("PATCH", "/sessions/{session}/participants/{user}")),
    Verb(k.RemoveParticipant, changing.remove, WRITE, r.SessionChanged, Act.CHANGE_PART, part_of,
         http=("DELETE", "/sessions/{session}/participants/{user}")),
    Verb(k.UpdateSession, coding.update_session, TASK, r.SessionChanged, Act.CHANGE_SESSION, session_of,
         http=("PATCH", "/sessions/{session}")),
    Verb(k.ListSessions, sessions.list_sessions, READ, r.Sessions, Act.LIST_SESSIONS, room_if_named, cost=2,
         http=("GET", "/sessions")),
    Verb(k.GetSession, sessions.get_session, READ, r.SessionShown, Act.SEE_SESSION, session_of,
         http=("GET", "/sessions/{session}")),
    Verb(k.GetCode, coding.get_code, READ, r.CodeText, Act.READ_SESSION, session_of, cost=2, http=("GET", "/sessions/{session}/code")),
    Verb(k.UpdateCode, coding.update_code, TASK, r.CodeSaved, Act.EDIT_SESSION, session_of, cost=2, size=HUGE,
         http=("PUT", "/sessions/{session}/code")),
    Verb(k.GetCodeHistory, coding.get_history, READ, r.CodeHistory, Act.READ_SESSION, session_of, cost=2,
         http=("GET", "/sessions/{session}/history")),
    Verb(k.GetAuthors, coding.get_authors, READ, r.Authors, Act.READ_SESSION, session_of, cost=4,
         http=("GET", "/sessions/{session}/authors")),
    Verb(k.ExportCode, coding.export_code, READ, r.CodeExport, Act.READ_SESSION, session_of, cost=4,
         http=("GET", "/sessions/{session}/export")),
    Verb(k.RestoreCode, coding.restore_code, TASK, r.CodeSaved, Act.EDIT_SESSION, session_of, cost=4,
         http=("POST", "/sessions/{session}/restore")),
)  # fmt: skip

_RUNS: Final = (
    Verb(k.RunCode, running.run_code, TASK, r.RunStarted, Act.RUN_CODE, place_of_run, cost=10, size=HUGE, http=("POST", "/runs"),
         status=201),
    Verb(k.RunAgain, running.run_again, TASK, r.RunStarted, Act.STEER_RUN, run_of, cost=10, http=("POST", "/runs/{run}/again"),
         status=201),
    Verb(k.SendInput, running.send_input, TASK, act=Act.STEER_RUN, thing=run_of, size=LARGE, http=("POST", "/runs/{run}/input")),
    Verb(k.StopRun, running.stop_run, TASK, act=Act.STEER_RUN, thing=run_of, http=("POST", "/runs/{run}/stop")),
    Verb(k.GetRun, running.get_run, TASK, r.Run, Act.READ_RUN, run_of, cost=2, http=("GET", "/runs/{run}")),
    Verb(k.ListRuns, reading.list_runs, READ, r.Runs, Act.LIST_RUNS, place_of_run, cost=2, http=("GET", "/runs")),
    Verb(k.CompareRuns, reading.compare_runs, READ, r.Compared, Act.COMPARE_RUNS, runs_of, cost=4,
         http=("GET", "/runs/{run}/compare/{other}")),
    Verb(k.ListLanguages, languages.list_languages, LIVE, r.Languages, http=("GET", "/languages")),
)  # fmt: skip

VERBS: Final[dict[type[c.Command], Verb]] = {
    verb.command: verb for verb in (*_CONNECTION, *_ACCOUNTS, *_ROOMS, *_MESSAGES, *_FILES, *_SESSIONS, *_RUNS)
}
"""Every command and its row."""
