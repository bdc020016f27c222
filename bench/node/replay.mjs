// Someone's real edits, some in each message, while somebody else looks on; the next message is sent when they have seen the one before.
// Both are stock clients.
//
// One rule: in the end both have the same text. Further plan:
//
//   edits           a file: a JSON array of edits, each the place in the text, how many characters go, and what comes
//   together        edits in one message
import { readFileSync } from 'node:fs'
import { join, plan, say, until } from './plan.mjs'

const edits = JSON.parse(readFileSync(plan.edits))
const [author, reader] = await Promise.all(plan.tokens.map(join))

const make = ([at, removed, added]) => {
  if (removed > 0) author.text.delete(at, removed)
  if (added !== '') author.text.insert(at, added)
}

/** Wait until the reader has as long a text as the author. */
const seen = () => new Promise(resolve => {
  const look = () => {
    if (reader.text.length !== author.text.length) return
    reader.doc.off('update', look)
    resolve()
  }
  reader.doc.on('update', look)
  look()
})

const start = performance.now()
for (let at = 0; at < edits.length; at += plan.together) {
  author.doc.transact(() => edits.slice(at, at + plan.together).forEach(make))
  await seen()
}
const seconds = (performance.now() - start) / 1000
const equal = await until(() => reader.text.toString() === author.text.toString())
say({ seconds, equal })
process.exit()
