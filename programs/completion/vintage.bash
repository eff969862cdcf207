# SPDX-License-Identifier: MIT
# Completion for bash: source this file.  'vintage complete' answers from the schema.

_vintage_complete()
{
    local IFS=$'\n' rest=${COMP_LINE:0:COMP_POINT} after word i end cut tool=vintage
    local -a words=() lines=()

    # Bash splits words at '=' and ':' too: joins what has no blank between.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        after=${rest#"${rest%%[![:space:]]*}"}
        word=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || word=$after
        if ((i)) && [[ $after == "$rest" ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        rest=${after#"$word"}
    done
    word=${words[-1]}
    [[ ${words[0]} != */* ]] || tool=${words[0]%/*}/vintage
    mapfile -t lines < <("$tool" complete --program "${words[0]}" -- "${words[@]:1}" 2>/dev/null)
    ((${#lines[@]})) || return 0
    end=${lines[-1]}
    unset 'lines[-1]'
    cut=${word%"${word##*[=:]}"}
    if [[ $end == :files ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "${word#"$cut"}")
        return 0
    fi
    [[ $end != :more ]] || compopt -o nospace
    lines=("${lines[@]%%$'\t'*}")
    COMPREPLY=("${lines[@]#"$cut"}")
}

complete -F _vintage_complete vintage vintage-vm vintage-backends
