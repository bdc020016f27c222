// @y/websocket-server as it comes: documents in memory, and whoever comes may edit.
//
// One rule: as for hocuspocus.mjs. Its port goes to standard output.
import { createServer } from 'node:http'
import { setupWSConnection } from '@y/websocket-server/utils'
import { WebSocketServer } from 'ws'

const server = createServer()
new WebSocketServer({ server }).on('connection', setupWSConnection)
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
