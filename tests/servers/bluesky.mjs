// Runs a real Bluesky PDS, and the directory of accounts (PLC) that it needs, on two ports of 127.0.0.1.
// Arguments: the folder in which @atproto/dev-env is installed, the directory's port, the server's port.
import net from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, plc, pds] = process.argv.slice(2)

// The package listens on every address of the machine; tests have no business on any but this one.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  const port = typeof first === 'object' && first !== null ? first.port : first
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, ...rest.filter((one) => typeof one === 'function'))
}

const main = path.join(folder, 'node_modules', '@atproto', 'dev-env', 'dist', 'index.js')
const { TestNetworkNoAppView } = await import(pathToFileURL(main))
await TestNetworkNoAppView.create({
  plc: { port: Number(plc) },
  pds: { port: Number(pds), hostname: 'localhost', enableDidDocWithSession: true },
})
console.log('READY')
