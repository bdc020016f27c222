// People who type: stock clients that edit one document, each on a line of its own, and show their cursors.
//
// One rule: an edit counts when it stands in another client's document, and in the end all documents must be equal. Further plan:
//
//   rate            edits a second of each, every one with its cursor
//   warm seconds    how long they type without being measured, and then measured
import * as Y from 'yjs'
import { join, plan, quantile, say, sleep, until } from './plan.mjs'

const people = await Promise.all(plan.tokens.map(join))
const sent = new Map() // of each client: when the edit was made that has this clock
const delays = []
let measuring = false
let edits = 0

const hear = transaction => {
  if (transaction.local) return
  const now = performance.now()
  for (const [client, after] of transaction.afterState) {
    const times = sent.get(client)
    if (times === undefined) continue
    for (let clock = transaction.beforeState.get(client) ?? 0; clock < after; clock++) {
      if (times[clock] !== undefined) delays.push(now - times[clock])
    }
  }
}

const type = person => {
  const { doc, text, awareness } = person
  const { index } = Y.createAbsolutePositionFromRelativePosition(person.cursor, doc)
  if (measuring) {
    edits++
    sent.get(doc.clientID)[Y.getState(doc.store, doc.clientID)] = performance.now()
  }
  text.insert(index, 'x')
  person.cursor = Y.createRelativePositionFromTypeIndex(text, index + 1, -1)
  const place = Y.relativePositionToJSON(person.cursor)
  awareness.setLocalStateField('cursor', { anchor: place, head: place })
}

people[0].text.insert(0, 'line\n'.repeat(people.length))
await until(() => people.every(({ text }) => text.length === 5 * people.length))
const timers = []
for (const [number, person] of people.entries()) {
  sent.set(person.doc.clientID, [])
  person.cursor = Y.createRelativePositionFromTypeIndex(person.text, 5 * number + 4, -1)
  person.doc.on('afterTransaction', hear)
  await sleep(1 / plan.rate / people.length) // so that not all of them press their keys at once
  timers.push(setInterval(type, 1000 / plan.rate, person))
}
await sleep(plan.warm)
measuring = true
say({ begun: true })
await sleep(plan.seconds)
measuring = false
say({ over: true })
for (const timer of timers) clearInterval(timer)
const expected = edits * (people.length - 1)
await until(() => delays.length >= expected)
const equal = await until(() => new Set(people.map(({ text }) => text.toString())).size === 1)
delays.sort((a, b) => a - b)
say({
  deliveries: delays.length, missing: expected - delays.length, equal,
  median: quantile(delays, 0.5), p99: quantile(delays, 0.99)
})
process.exit()
