/** What a shell reads once: functions that ask `dfft __complete` for what may stand next. A candidate a line, its meaning behind a tab. */

// A DID has colons, at which bash breaks words: what was typed up to the last of them is cut off the candidates again.
const bash = `# dfft completion for bash: source <(dfft completion bash)
_dfft() {
  local line="\${COMP_LINE:0:COMP_POINT}" candidate before=""
  local -a words
  read -ra words <<<"$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  local typed="\${words[\${#words[@]}-1]}"
  [[ "$typed" == *[:=]* && "$COMP_WORDBREAKS" == *:* ]] && before="\${typed%"\${typed##*[:=]}"}"
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    COMPREPLY+=("\${candidate#"$before"}")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _dfft dfft
`

const zsh = `#compdef dfft
# dfft completion for zsh: dfft completion zsh > a folder of your fpath, as _dfft
_dfft() {
  local -a values shown
  local value about
  while IFS=$'\\t' read -r value about; do
    values+=("$value")
    shown+=("$value\${about:+  $about}")
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#values} )); then compadd -l -d shown -- "\${values[@]}"; else _files; fi
}
if [[ "$funcstack[1]" == _dfft ]]; then _dfft "$@"; else compdef _dfft dfft; fi
`

const fish = `# dfft completion for fish: dfft completion fish > ~/.config/fish/completions/dfft.fish
function __dfft_candidates
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c dfft -f -a '(__dfft_candidates)'
`

export const scripts = { bash, zsh, fish } as const
