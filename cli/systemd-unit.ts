/** The unit of a node, for `dfft up --systemd`: hardened as far as Node runs in it, with the flags that `dfft up` gives. */
import { TrustError } from '#protocols/errors.ts'
import { codeOf, confinement } from './confinement.ts'
import { arenas, runtimeFlags } from './node-process.ts'

export interface UnitOf {
  /** Absolute. */
  readonly dir: string
  readonly node: string
  readonly program: string
  readonly sealed: boolean
}

/** As `CacheDirectory` makes it. */
const cache = '/var/cache/dfft'
/** The folder of the unit's credentials, as systemd fills it in. */
const credentials = '%d/*'

/**
 * MemoryDenyWriteExecute is left out: V8 writes code and runs it, and Node would abort. The passphrase is a credential, encrypted to the machine;
 * a sealed node needs none.
 *
 * @throws {TrustError} DFFT_USAGE for paths that a unit cannot carry: line breaks, `*`, which the permission model takes for any name, and
 *   blanks and quotes in that of Node
 */
export function systemdUnit({ dir, node, program, sealed }: UnitOf): string {
  for (const text of [dir, program]) refuse(text, /[\p{Cc}*]/u)
  refuse(node, /[\p{Cc}\s"'\\%$]/u)
  // A PIN or a certificate that the configuration names lies in the node's folder or below /etc/dfft.
  const reads = ['/etc/dfft/*', ...(sealed ? [] : [credentials])]
  const confined = confinement({ code: codeOf(program), dir, reads, cache })
  const words = [...confined, ...runtimeFlags, program, 'run', '--dir', dir, ...(sealed ? ['--sealed'] : [])].map(word)
  // Of the executable systemd takes no special characters, however they are written.
  const start = [node, ...words].join(' ')
  return `[Unit]
Description=dfft node
Documentation=man:dfft(1)
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User=dfft
StateDirectory=dfft
StateDirectoryMode=0700
CacheDirectory=dfft
CacheDirectoryMode=0700
${sealed ? '' : 'LoadCredentialEncrypted=dfft-passphrase:/etc/dfft/passphrase.cred\n'}Environment=NODE_COMPILE_CACHE=${cache} MALLOC_ARENA_MAX=${arenas.MALLOC_ARENA_MAX}
ExecStart=${start}
Restart=on-failure
RestartSec=5
# Usage, configuration, no node, a wrong passphrase and a log that does not hold are not mended by another start.
RestartPreventExitStatus=2 3 4 9
TimeoutStopSec=30
UMask=0077
LimitCORE=0
LimitNOFILE=16384
ReadWritePaths=${path(dir)}
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
PrivateMounts=yes
ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`
}

function refuse(path: string, characters: RegExp): void {
  if (characters.test(path)) throw new TrustError('DFFT_USAGE', `no unit can be written with the path ${JSON.stringify(path)}`)
}

/** One word of a command line of systemd's, whatever is in it (systemd.service, Command lines). */
function word(text: string): string {
  if (text.endsWith(`=${credentials}`)) return text
  return path(text).replaceAll('$', '$$$$')
}

/** In quotes where it has to be; `%` would begin a specifier. */
function path(text: string): string {
  const plain = text.replaceAll('%', '%%')
  return /[\s"'\\;]/.test(plain) ? `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : plain
}
