# Completion of dray for bash, 3.2 (as on macOS) and later.
# Now: source <(dray completions bash). For good: put that into ~/.bashrc, or the script into
# ~/.local/share/bash-completion/completions/dray.

_dray() {
  local rest=${COMP_LINE:0:COMP_POINT} words=() count=0 index word trimmed
  # bash splits at ":", "=" and "@", which stand in references and options: what has no blank
  # between is put together again.
  for ((index = 0; index <= COMP_CWORD; index++)); do
    trimmed=${rest#"${rest%%[![:space:]]*}"}
    word=${COMP_WORDS[index]}
    ((index == COMP_CWORD)) && word=$trimmed
    if ((count > 0)) && [[ $trimmed == "$rest" ]]; then
      words[count - 1]+=$word
    else
      words[count]=$word
      count=$((count + 1))
    fi
    rest=${trimmed#"$word"}
  done
  for ((index = 0; index < count; index++)); do
    words[index]=${words[index]//[\\\"\']/}
  done

  # What is proposed takes the place of what stands behind the last of these marks.
  local current=${words[count - 1]} cut= mark head
  for mark in : = @; do
    if [[ $COMP_WORDBREAKS == *"$mark"* && $current == *"$mark"* ]]; then
      head=${current%"$mark"*}$mark
      # Readline takes this one along, as the start of a host's name.
      [[ $mark == @ ]] && head=${head%@}
      ((${#head} > ${#cut})) && cut=$head
    fi
  done

  local program=${words[0]/#\~/$HOME} paths= value description kind=
  COMPREPLY=()
  while IFS=$'\t' read -r value description; do
    if [[ -z $paths ]]; then
      paths=$value
    else
      COMPREPLY+=("${value#"$cut"}")
    fi
  done < <("$program" __complete "=$current" "${words[@]:1:count-2}" 2>/dev/null)

  [[ $paths == :files ]] && kind=-f
  [[ $paths == :folders ]] && kind=-d
  if [[ -n $kind ]]; then
    [[ $current == --*=* ]] && current=${current#*=}
    while IFS= read -r value; do
      COMPREPLY+=("$value")
    done < <(compgen $kind -- "$current")
    type compopt >/dev/null 2>&1 && compopt -o filenames
  fi
}

complete -o nosort -F _dray dray 2>/dev/null || complete -F _dray dray
