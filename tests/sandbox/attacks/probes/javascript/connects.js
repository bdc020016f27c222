/* Connect to services of the host, and open some of its own: its debugger among them.
 *
 * area: network
 */
require("./prelude.js");
const net = require("net");
const dgram = require("dgram");

const connect = (options) =>
    new Promise((done, failed) => {
        const socket = net.connect(options, () => socket.end("@MARK@", () => done("connected")));
        socket.on("error", failed);
    });
const listen = () =>
    new Promise((done, failed) => {
        const server = net.createServer().on("error", failed);
        server.listen(0, "127.0.0.1", () => server.close(() => done("it listened")));
    });
const send = () =>
    new Promise((done, failed) => {
        const socket = dgram.createSocket("udp4").on("error", failed);
        socket.send("x", Number("@UDP4@"), "127.0.0.1", (error) => (error ? failed(error) : socket.close(() => done("sent"))));
    });
const debug = () => {
    const inspector = require("inspector");
    inspector.open(0, "127.0.0.1");
    if (inspector.url() === undefined) throw new Error("refused");
    inspector.close();
};
(async () => {
    await told("connect by TCP", () => connect({ port: Number("@TCP4@"), host: "127.0.0.1" }));
    await told("connect by TCP, version 6", () => connect({ port: Number("@TCP6@"), host: "::1" }));
    await told("connect by a path", () => connect({ path: "@SOCKET@" }));
    await told("connect by an abstract name", () => connect({ path: "\0@ABSTRACT@" }));
    await told("fetch a page", () => fetch("http://127.0.0.1:@TCP4@/"));
    await told("send a datagram", send);
    await told("listen", listen);
    await told("open the debugger", debug);
})();
