# Completion of dray for fish.
# Now: dray completions fish | source. For good: put the script into
# ~/.config/fish/completions/dray.fish.

function __dray_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct | string unescape)
    set -l lines ($program __complete "=$current" $words 2>/dev/null)
    test (count $lines) -gt 0; or return
    set -l paths $lines[1]
    set -e lines[1]
    # Behind an option's "=" fish completes a path by the path alone.
    set -l start (string match -r -- '^--[^=]+=' "$current"; or echo)
    set -l path (string replace -r -- '^--[^=]+=' '' "$current")
    switch "$paths"
        case :files
            set lines $start(__fish_complete_path "$path")
        case :folders
            set lines $start(__fish_complete_directories "$path" '')
    end
    test (count $lines) -gt 0; and printf '%s\n' $lines
end

complete -c dray -k -f -a '(__dray_complete)'
