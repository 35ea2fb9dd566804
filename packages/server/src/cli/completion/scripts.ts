/** The supported shells. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/**
 * The script that each shell runs on TAB. It calls `hitagi complete` with the words so far. Each line of the output is a
 * value, a tab and its description; `:files` and `:folders` let the shell complete paths.
 */
export const scripts: Record<Shell, string> = {
  // Works on bash 3.2 of macOS; only compopt needs bash 4.
  bash: `_hitagi() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" line value kind
  [ "$cur" = "=" ] && cur=""
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :files | :folders)
        kind=-f
        [ "$line" = :folders ] && kind=-d
        compopt -o filenames 2>/dev/null
        while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen "$kind" -- "$cur")
        ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _hitagi hitagi
`,
  zsh: `#compdef hitagi
_hitagi() {
  local -a described
  local line
  while IFS= read -r line; do
    case "$line" in
      :files) _files ;;
      :folders) _files -/ ;;
      *) described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( \${#described} )) && _describe -t values hitagi described
}
if [ "\${funcstack[1]}" = _hitagi ]; then _hitagi "$@"; else compdef _hitagi hitagi; fi
`,
  fish: `function __hitagi_complete
  set -l words (commandline -opc)
  set -l last (commandline -ct)
  for line in ($words[1] complete -- $words[2..-1] "$last" 2>/dev/null)
    switch $line
      case :files
        __fish_complete_path "$last"
      case :folders
        __fish_complete_directories "$last"
      case '*'
        echo $line
    end
  end
end
complete -c hitagi -f -a '(__hitagi_complete)'
`,
};

/** How to install a script, so that each new shell has it. */
export const installHints: Record<Shell, string> = {
  bash: "hitagi completion bash > ~/.local/share/bash-completion/completions/hitagi",
  zsh: 'hitagi completion zsh > "$' + '{fpath[1]}/_hitagi"',
  fish: "hitagi completion fish > ~/.config/fish/completions/hitagi.fish",
};
