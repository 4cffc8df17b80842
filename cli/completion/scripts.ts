// What each shell evaluates. All of them only ask `sluice completion words` and show its answer: a candidate
// a line, behind a tab what it is. Where there is none, the shell completes files.

/** By words of the line up to the cursor: bash would break `host:port` at its colon. */
const BASH = `# eval "$(sluice completion bash)"
_sluice() {
  local words line prefix='' last
  read -r -a words <<< "\${COMP_LINE:0:COMP_POINT}"
  case "\${COMP_LINE:0:COMP_POINT}" in *[[:space:]]) words+=('') ;; esac
  last="\${words[\${#words[@]}-1]}"
  case "$last" in *:*) [[ "$COMP_WORDBREAKS" == *:* ]] && prefix="\${last%:*}:" ;; esac
  COMPREPLY=()
  while IFS='' read -r line; do
    line="\${line%%$'\\t'*}"
    COMPREPLY+=("\${line#"$prefix"}")
  done < <("\${words[0]}" completion words -- "\${words[@]:1}" 2>/dev/null)
}
complete -o bashdefault -o default -F _sluice sluice
`;

const ZSH = `#compdef sluice
# eval "$(sluice completion zsh)"
_sluice() {
  local line
  local -a values texts
  for line in "\${(@f)$("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z "$line" ]] && continue
    values+=("\${line%%$'\\t'*}")
    texts+=("\${line/$'\\t'/  -- }")
  done
  if (( \${#values} )); then compadd -l -d texts -a values; else _files; fi
}
compdef _sluice sluice
`;

const FISH = `# sluice completion fish | source
function __sluice_words
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] completion words -- $words[2..-1] 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path $words[-1]
  end
end
complete -c sluice -k -f -a '(__sluice_words)'
`;

export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
