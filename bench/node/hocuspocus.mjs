// A Hocuspocus server as its documentation sets one up: documents in SQLite, and whoever comes shows a token.
//
// One rule: everything that is not named here is as it comes. Arguments: the database's file, then the tokens; its port goes to
// standard output.
import { DatabaseSync } from 'node:sqlite'
import { Database } from '@hocuspocus/extension-database'
import { Server } from '@hocuspocus/server'

const [file, ...tokens] = process.argv.slice(2)
const known = new Set(tokens)
const database = new DatabaseSync(file)
// The statements of @hocuspocus/extension-sqlite, whose own driver has to be compiled.
database.exec('CREATE TABLE documents (name varchar(255) NOT NULL, data blob NOT NULL, UNIQUE(name))')
const select = database.prepare('SELECT data FROM documents WHERE name = ?')
const upsert = database.prepare(
  'INSERT INTO documents (name, data) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET data = excluded.data'
)

const server = new Server({
  port: 0,
  address: '127.0.0.1',
  quiet: true,
  stopOnSignals: false,
  extensions: [
    new Database({
      fetch: async ({ documentName }) => select.get(documentName)?.data ?? null,
      store: async ({ documentName, state }) => { upsert.run(documentName, state) }
    })
  ],
  onAuthenticate: async ({ token }) => {
    if (!known.has(token)) throw new Error('unknown token')
  }
})
await server.listen()
console.log(server.address.port)
