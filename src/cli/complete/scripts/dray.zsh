#compdef dray
# Completion of dray for zsh.
# Now: source <(dray completions zsh). For good: put that into ~/.zshrc, or the script as _dray
# into a folder of $fpath.

_dray() {
  local -a lines described
  local line value current="${(Q)PREFIX}"
  lines=("${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "=$current" "${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
  [[ $current == --*=* && ${lines[1]} != :none ]] && compset -P '*='
  case ${lines[1]} in
    :files) _files; return ;;
    :folders) _files -/; return ;;
  esac
  for line in "${(@)lines[2,-1]}"; do
    [[ -z $line ]] && continue
    value=${${line%%$'\t'*}//:/\\:}
    if [[ $line == *$'\t'* ]]; then
      described+=("$value:${line#*$'\t'}")
    else
      described+=("$value")
    fi
  done
  ((${#described})) && _describe -V dray described
}

if [[ ${funcstack[1]} == _dray ]]; then
  _dray "$@"
else
  (($+functions[compdef])) || { autoload -Uz compinit && compinit; }
  compdef _dray dray
fi
