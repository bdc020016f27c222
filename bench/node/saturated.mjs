// As fast as it goes: clients without a document of their own, each of which keeps a few edits under way.
//
// One rule: it costs less than any server it measures. An edit is written by hand (a character after its author's last one), and a frame
// that another client was sent as well is read once. What counts is the characters in a frame, however many edits a server puts into one.
// In the end a stock client must find every one of them. Further plan:
//
//   window          edits a client has under way: it makes the next when one of its own has come back to it
//   warm seconds    how long they go on without being measured, and then measured
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { WebSocket } from 'ws'
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate } from 'y-protocols/sync'
import * as Y from 'yjs'
import { join, plan, say, sleep, TEXT, until } from './plan.mjs'

const SYNC = 0
const AUTHENTICATION = 2
const SYNC_REPLY = 4 // Hocuspocus'
const NOTHING = new Uint8Array([0]) // as a state
const EMPTY = new Uint8Array([0, 0]) // as an update
const READ_AHEAD = 4096 // frames one client may be ahead of another without being read again

const isHocuspocus = plan.protocol === 'hocuspocus'

const message = write => encoding.encode(encoder => {
  if (isHocuspocus) encoding.writeVarString(encoder, plan.document)
  write(encoder)
})

const synchronisation = (kind, payload) => message(encoder => {
  encoding.writeVarUint(encoder, SYNC)
  encoding.writeVarUint(encoder, kind)
  encoding.writeVarUint8Array(encoder, payload)
})

/** An update of one item: a character after the same client's last one (Yjs' format, version 1). */
const edit = (client, clock) => encoding.encode(encoder => {
  for (const number of [1, 1, client, clock]) encoding.writeVarUint(encoder, number) // clients, items, and the first one's id
  if (clock > 0) {
    encoding.writeUint8(encoder, 0x84) // text with an origin
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock - 1)
  } else {
    encoding.writeUint8(encoder, 0x04) // text at the beginning of what has this name
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarString(encoder, TEXT)
  }
  encoding.writeVarString(encoder, 'x')
  encoding.writeVarUint(encoder, 0) // nothing deleted
})

/** How many characters of each client there are in an update. */
const count = update => {
  const counts = new Map()
  for (const struct of Y.decodeUpdate(update).structs) {
    if (struct instanceof Y.Item) counts.set(struct.id.client, (counts.get(struct.id.client) ?? 0) + struct.length)
  }
  return counts
}

const read = new Array(READ_AHEAD).fill(null)

/** The same, but what a server sent to many is counted once: it is the frame of this number for each of them. */
const counted = (number, frame, update) => {
  const at = number % READ_AHEAD
  if (read[at] === null || !read[at].frame.equals(frame)) read[at] = { frame, counts: count(update) }
  return read[at].counts
}

let begun = false
let ending = false
let deliveries = 0

class Client {
  constructor (token, number) {
    this.id = number + 1
    this.clock = 0 // characters made
    this.heard = 0 // characters heard, everyone's
    this.frames = 0
    this.synced = new Promise(resolve => { this.isSynced = resolve })
    const url = isHocuspocus ? plan.url : `${plan.url}/${plan.document}?token=${token}`
    this.socket = new WebSocket(url, { perMessageDeflate: false })
    this.socket.on('message', frame => this.hear(frame))
    this.socket.on('open', () => {
      if (isHocuspocus) this.socket.send(authentication(token))
      this.socket.send(synchronisation(messageYjsSyncStep1, NOTHING))
    })
    this.socket.on('close', code => {
      if (!ending) throw new Error(`The server closed a connection with ${code}.`)
    })
  }

  hear (frame) {
    const decoder = decoding.createDecoder(frame)
    if (isHocuspocus) decoding.readVarString(decoder)
    const type = decoding.readVarUint(decoder)
    if (type !== SYNC && !(isHocuspocus && type === SYNC_REPLY)) return
    const kind = decoding.readVarUint(decoder)
    const payload = decoding.readVarUint8Array(decoder)
    if (kind === messageYjsSyncStep1) this.socket.send(synchronisation(messageYjsSyncStep2, EMPTY))
    else if (kind === messageYjsSyncStep2) this.isSynced()
    else this.take(counted(this.frames++, frame, payload))
  }

  take (counts) {
    let others = 0
    for (const [client, characters] of counts) if (client !== this.id) others += characters
    const own = counts.get(this.id) ?? 0
    this.heard += others + own
    if (begun && !ending) deliveries += others
    this.send(own)
  }

  send (edits) {
    for (; edits > 0 && !ending; edits--) {
      this.socket.send(synchronisation(messageYjsUpdate, edit(this.id, this.clock++)))
    }
  }
}

const authentication = token => message(encoder => {
  encoding.writeVarUint(encoder, AUTHENTICATION)
  encoding.writeVarUint(encoder, 0) // a token
  encoding.writeVarString(encoder, token)
  encoding.writeVarString(encoder, '4') // the provider's version
})

const clients = plan.tokens.map((token, number) => new Client(token, number))
await Promise.all(clients.map(client => client.synced))
for (const client of clients) client.send(plan.window)
await sleep(plan.warm)
begun = true
const used = process.cpuUsage()
const start = performance.now()
say({ begun: true })
await sleep(plan.seconds)
ending = true
const seconds = (performance.now() - start) / 1000
const { user, system } = process.cpuUsage(used)
say({ over: true })
const made = clients.reduce((sum, { clock }) => sum + clock, 0)
await until(() => clients.every(({ heard }) => heard >= made))
const missing = clients.reduce((sum, { heard }) => sum + made - heard, 0)
const { text } = await join(plan.tokens[0])
say({ deliveries, seconds, missing, equal: text.length === made, load: (user + system) / 1e6 / seconds })
process.exit()
