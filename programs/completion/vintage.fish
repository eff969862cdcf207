# SPDX-License-Identifier: MIT
# Completion for fish: source this file.  'vintage complete' answers from the schema.

function __vintage_complete
    set -l words (commandline -opc) "$(commandline -ct)"
    set -l tool vintage
    if string match -q '*/*' -- $words[1]
        set tool (string replace -r '[^/]*$' vintage -- $words[1])
    end
    set -l lines ($tool complete --program $words[1] -- $words[2..-1] 2>/dev/null)
    if test "$lines[-1]" = :files
        set -l kept (string match -r '^.*=' -- $words[-1])
        for file in (__fish_complete_path (string replace -r '^.*=' '' -- $words[-1]))
            echo "$kept$file"
        end
    else
        string match -v ':*' -- $lines
    end
end

for program in vintage vintage-vm vintage-backends
    complete -c $program -f -a '(__vintage_complete)'
end
