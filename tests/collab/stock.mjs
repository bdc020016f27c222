// Stock Yjs clients, driven by a test.
//
// One rule: nothing of a client is our own but its errands. A line of JSON on standard input is a request ({ id, client, do, ... }), one on
// standard output its answer ({ id, value } or { id, error }).
import { createInterface } from 'node:readline'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

class Client {
  constructor () {
    this.doc = new Y.Doc()
    this.text = this.doc.getText('code')
    this.events = []
  }

  get awareness () { return this.provider.awareness }

  // Positions and lengths are UTF-16 units, as everywhere in JavaScript.
  edit ({ at, removed = 0, added = '' }) {
    this.doc.transact(() => {
      if (removed > 0) this.text.delete(at, removed)
      if (added !== '') this.text.insert(Math.min(at, this.text.length), added)
    })
  }

  // As an editor does it: nobody sets the cursor within a character. `where` is from 0 to 1; `kept` is where characters begin that stay.
  type ({ where, removed, added, kept }) {
    const points = [...this.text.toString()]
    const at = Math.floor(where * points.length)
    const gone = points.slice(at, at + removed)
    const left = gone.some(point => point.codePointAt(0) >= kept) ? '' : gone.join('')
    this.edit({ at: points.slice(0, at).join('').length, removed: left.length, added })
  }

  read () { return this.text.toString() }
  present () { return [...this.awareness.getStates()].map(([client, state]) => ({ ...state, client })).sort((a, b) => a.client - b.client) }
  me () { return this.doc.clientID }
  say ({ state }) { this.awareness.setLocalState(state) }
  // As y-codemirror.next says where its cursor is, and reads where others are.
  select ({ anchor, head, user = {} }) {
    const at = index => Y.createRelativePositionFromTypeIndex(this.text, index)
    this.awareness.setLocalState({ user, cursor: { anchor: at(anchor), head: at(head) } })
  }

  cursors () {
    const at = position => Y.createAbsolutePositionFromRelativePosition(position, this.doc)?.index ?? null
    return [...this.awareness.getStates()].filter(([client, state]) => client !== this.doc.clientID && state.cursor != null)
      .map(([, { user, cursor }]) => [user?.name ?? null, at(cursor.anchor), at(cursor.head)])
  }

  log () { return this.events }
  note (event, what = null) { this.events.push([event, what]) }
}

class YWebsocket extends Client {
  open ({ url, document, token }) {
    this.provider = new WebsocketProvider(`${url}/collab`, document, this.doc, {
      WebSocketPolyfill: WebSocket, params: { token }, disableBc: true
    })
    this.provider.on('closed', ({ code }) => this.note('closed', code))
    this.provider.on('status', ({ status }) => this.note(status))
  }

  synced () { return this.provider.synced }
  unsynced () { return 0 }
  leave () { this.provider.disconnect() }
  enter () { this.provider.connect() }
  // As a network that is gone: no goodbye.
  cut () { this.provider.ws?.terminate() }
}

class Hocuspocus extends Client {
  open ({ url, document, token, session = false }) {
    this.socket = new HocuspocusProviderWebsocket({ url: `${url}/hocuspocus`, WebSocketPolyfill: WebSocket, delay: 100, minDelay: 50 })
    this.provider = new HocuspocusProvider({
      websocketProvider: this.socket, name: document, document: this.doc, token, sessionAwareness: session
    })
    this.provider.on('authenticated', ({ scope }) => this.note('authenticated', scope))
    this.provider.on('authenticationFailed', ({ reason }) => this.note('denied', reason))
    this.provider.on('close', ({ event }) => this.note('closed', event.code))
    this.provider.attach()
  }

  synced () { return this.provider.isSynced }
  unsynced () { return this.provider.unsyncedChanges }
  leave () { this.socket.disconnect() }
  enter () { this.socket.connect() }
  cut () { this.socket.webSocket?.terminate() }
}

const kinds = { 'y-websocket': YWebsocket, hocuspocus: Hocuspocus }
const clients = new Map()
const answer = message => process.stdout.write(JSON.stringify(message) + '\n')
// y-websocket's clients warn on the console of what they are denied.
console.warn = () => {}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, client, do: errand, ...rest } = JSON.parse(line)
  try {
    if (errand === 'open') clients.set(client, new kinds[rest.kind]())
    answer({ id, value: clients.get(client)[errand](rest) ?? null })
  } catch (error) {
    answer({ id, error: String(error) })
  }
}
process.exit(0)
