// What the measuring programs have in common: their plan, what they tell, and a stock client.
//
// One rule: the plan is one JSON argument, and what was found is one JSON object a line on standard output.
//
//   url, document, protocol   where, in which document, and whether as y-websocket or as Hocuspocus
//   tokens                    one for each client
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

export const TEXT = 'code'

const LONGEST = 90 // seconds: several times as long as any program takes
setTimeout(() => { throw new Error(`This took longer than ${LONGEST} seconds.`) }, 1000 * LONGEST).unref()

process.setMaxListeners(0) // each y-websocket client listens for the process's end

export const plan = JSON.parse(process.argv[2])

export const say = found => console.log(JSON.stringify(found))

export const sleep = seconds => new Promise(resolve => setTimeout(resolve, 1000 * seconds))

/** Wait until something holds, and no longer than that; false if it never did. */
export const until = async (holds, seconds = 20) => {
  const deadline = performance.now() + 1000 * seconds
  while (!holds() && performance.now() < deadline) await sleep(0.01)
  return holds()
}

/** The value below which that part of a list is. */
export const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]

/** The client that people's editors have, with its document as it is on the server. */
export const join = async token => {
  const doc = new Y.Doc()
  const provider = plan.protocol === 'hocuspocus' ? asHocuspocus(doc, token) : asYWebsocket(doc, token)
  await new Promise(resolve => provider.once('synced', resolve))
  return { doc, text: doc.getText(TEXT), awareness: provider.awareness }
}

const asYWebsocket = (doc, token) =>
  new WebsocketProvider(plan.url, plan.document, doc, {
    params: { token }, WebSocketPolyfill: WebSocket, disableBc: true
  })

const asHocuspocus = (document, token) => {
  const websocketProvider = new HocuspocusProviderWebsocket({ url: plan.url, WebSocketPolyfill: WebSocket })
  const provider = new HocuspocusProvider({ websocketProvider, name: plan.document, document, token })
  provider.attach()
  provider.once = (name, hear) => provider.on(name, hear) // it tells only once that it has synced
  return provider
}
