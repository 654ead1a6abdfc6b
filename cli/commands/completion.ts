import { TrustError } from '#protocols/errors.ts'
import { command } from '../command.ts'

export const commands = [
  command<object, readonly [shell: string]>({
    usage: 'completion <shell>',
    about: 'Print what bash, zsh or fish reads to complete commands, options and, where the node runs, ids of credentials and exchanges, DIDs and policies.',
    operation: null,
    examples: ['dfft completion bash > ~/.local/share/bash-completion/completions/dfft', 'dfft completion fish > ~/.config/fish/completions/dfft.fish'],
    run: async (_session, [shell]) => {
      const { scripts } = await import('../completion-scripts.ts')
      if (!Object.hasOwn(scripts, shell))
        throw new TrustError('DFFT_USAGE', `there is no completion for \`${shell}\`; there is for ${Object.keys(scripts).join(', ')}`)
      const script = scripts[shell as keyof typeof scripts] // Just looked at.
      return { result: { shell, script }, text: script.trimEnd() }
    },
  }),
]
