"""Accounts over HTTP and over the two protocols, on a server with its default settings."""

from tests.e2e.conftest import Json, Town

PASSWORD = "a long pass phrase"


async def sign_up(town: Town, name: str) -> str:
    answer = await town.http().post("/api/v1/accounts", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


async def create(town: Town, token: str, name: str, role: str = "member") -> str:
    made = await town.http(token).post("/api/v1/users", json={"name": name, "password": PASSWORD, "role": role})
    assert made.status_code == 201, made.text
    login = await town.http().post("/api/v1/login", json={"name": name, "password": PASSWORD})
    return str(login.json()["token"])


async def test_the_first_account_owns_the_server_and_closes_the_door(members: Town) -> None:
    token = await sign_up(members, "alice")
    assert (await members.http(token).get("/api/v1/me")).json()["role"] == "owner"
    second = await members.http().post("/api/v1/accounts", json={"name": "bob", "password": PASSWORD})
    assert (second.status_code, second.json()["code"]) == (403, "sign_up_closed")
    assert second.headers["content-type"] == "application/problem+json"


async def test_an_account_logs_in_on_every_transport(members: Town) -> None:
    await sign_up(members, "alice")
    pipe = await members.pipe(f"alice|{PASSWORD}")
    await pipe.say("BROADCAST|from the pipe")
    await pipe.until("alice: from the pipe")
    structured = await members.json(name="alice", password=PASSWORD)
    assert structured.welcome["user"]["role"] == "owner"
    wrong = await members.http().post("/api/v1/login", json={"name": "alice", "password": "not this one"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "auth_failed")
    unknown = await members.http().post("/api/v1/login", json={"name": "nobody", "password": "not this one"})
    assert unknown.json()["detail"] == wrong.json()["detail"]


async def test_roles_decide_who_may_make_accounts(members: Town) -> None:
    owner = await sign_up(members, "alice")
    member = await create(members, owner, "bob")
    refused = await members.http(member).post("/api/v1/users", json={"name": "eve", "password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    promoted = await members.http(owner).put("/api/v1/users/bob/role", json={"role": "admin"})
    assert promoted.json()["role"] == "admin"
    await create(members, member, "carol")


async def test_a_guest_account_finds_no_public_room_it_was_not_brought_into(members: Town) -> None:
    owner = await sign_up(members, "alice")
    guest, member = await create(members, owner, "gina", "guest"), await create(members, owner, "bob")
    room = (await members.http(owner).post("/api/v1/rooms", json={"name": "attic", "visibility": "public"})).json()[
        "id"
    ]
    assert (await members.http(guest).get(f"/api/v1/rooms/{room}")).status_code == 404
    assert (await members.http(guest).post(f"/api/v1/rooms/{room}/join", json={})).status_code == 404
    assert [found["name"] for found in (await members.http(member).get("/api/v1/public-rooms")).json()["rooms"]] == [
        "attic"
    ]
    assert (await members.http(member).post(f"/api/v1/rooms/{room}/join", json={})).status_code == 200


async def test_locking_an_account_cuts_its_connections_off(members: Town) -> None:
    owner = await sign_up(members, "alice")
    bob = await members.json(token=await create(members, owner, "bob"))
    await members.http(owner).put("/api/v1/users/bob/disabled", json={"disabled": True})
    assert (await bob.event("closing"))["code"] == 3501
    again: Json = await members.connect(Json)
    assert (await again.ask("log_in", name="bob", password=PASSWORD))["code"] == "auth_failed"


async def test_tokens_are_named_listed_and_end(members: Town) -> None:
    owner = await sign_up(members, "alice")
    http = members.http(owner)
    made = (await http.post("/api/v1/tokens", json={"name": "ci"})).json()
    assert (await members.http(made["secret"]).get("/api/v1/me")).status_code == 200
    listed = (await http.get("/api/v1/tokens")).text
    assert '"ci"' in listed
    assert made["secret"] not in listed
    assert (await http.delete(f"/api/v1/tokens/{made['token']['id']}")).status_code == 200
    assert (await members.http(made["secret"]).get("/api/v1/me")).status_code == 401
    assert made["secret"] not in members.server.errors()
    assert PASSWORD not in members.server.errors()


async def test_logging_out_is_answered_before_the_connection_closes(members: Town) -> None:
    alice = await members.json(token=await sign_up(members, "alice"))
    await alice.do("log_out")
    assert (await alice.event("closing"))["code"] == 3501


async def test_a_message_posted_over_http_with_one_key_is_one_message(members: Town) -> None:
    owner = await sign_up(members, "alice")
    http = members.http(owner)
    headers = {"idempotency-key": "key-00001"}
    answers = [await http.post("/api/v1/rooms/1/messages", json={"text": "hi"}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    page = (await http.get("/api/v1/rooms/%23general/messages", params={"limit": 5})).json()
    assert [message["text"] for message in page["messages"]] == ["hi"]
    other = await http.post("/api/v1/rooms/1/messages", json={"text": "ho"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "nonce_reused")


async def test_whoever_is_too_fast_is_told_how_long_to_wait(members: Town) -> None:
    token = await sign_up(members, "alice")
    line = await members.pipe(f"token|{token}")
    await line.say(*(f"BROADCAST|{number}" for number in range(150)))
    refused = await line.until("ERROR|rate_limited|")
    assert "seconds" in refused
    http = members.http(token)
    statuses = [(await http.get("/api/v1/ping")) for _ in range(300)]
    limited = [answer for answer in statuses if answer.status_code == 429]
    assert limited
    assert float(limited[0].headers["retry-after"]) > 0
