/** The example of docs/api.md, as a program. */
import { connect, TrustError } from 'dfft/client'

// Over TCP with a token; or `connect('/var/lib/dfft/dfft.sock')` for the socket.
const node = connect({ url: process.env.NODE_URL ?? 'http://127.0.0.1:8471', token: process.env.NODE_TOKEN ?? '' })

const { did, version } = await node.status({})
console.log(`${did} runs ${version}`)

for (const { id, state, partner } of (await node.exchangeList({ state: 'closed', limit: 10 })).exchanges) console.log(id, state, partner)

try {
  await node.exchangeShow({ id: '00000000000000000000000000000000' })
} catch (error) {
  if (!(error instanceof TrustError) || error.code !== 'DFFT_NOT_FOUND') throw error
  console.log('there is no such exchange')
}
