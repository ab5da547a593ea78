# Completion of agrconfig(8) in bash: its words, and the interfaces of this network namespace.
#
#   . agrconfig.bash          in ~/.bashrc, or install it as
#   /usr/share/bash-completion/completions/agrconfig

_agrconfig_interfaces() { # agr: agr interfaces; other: those that may become ports
    local path
    for path in /sys/class/net/*; do
        case $1-${path##*/} in
            agr-agr*.*) ;;
            agr-agr[0-9]*) echo "${path##*/}" ;;
            other-agr[0-9]* | other-lo) ;;
            other-*) echo "${path##*/}" ;;
        esac
    done
}

_agrconfig_ports() { # of the agr interface $1; without the right to ask: all that could be
    agrconfig "$1" 2>/dev/null | sed -n 's/^\tagrport: \([^,]*\),.*/\1/p' | grep . ||
        _agrconfig_interfaces other
}

_agrconfig() {
    # What follows a word: words, or PORT (an interface), MEMBER (a port), - (something to be typed).
    local -A follows=(
        [agrport]=PORT [-agrport]=MEMBER [port]=MEMBER
        [activity]="active passive" [address]=auto [collector-max-delay]=-
        [control]="independent coupled" [defaulted]="down individual" [key]=- [max-links]=- [min-links]=-
        [system-id]=auto [system-priority]=- [timeout]="long short"
        [individual]="on off" [lacp]="on off" [port-priority]=-
        [partner-key]=- [partner-port]=- [partner-port-priority]=- [partner-state]=auto
        [partner-system]=auto [partner-system-priority]=-
    )
    local words="create destroy agrport -agrport port link0 -link0 link1 -link1 activity address \
collector-max-delay control defaulted key max-links min-links system-id system-priority timeout"
    local of_a_port="individual lacp partner-key partner-port partner-port-priority partner-state \
partner-system partner-system-priority port-priority"
    local showing="-v --json --prometheus"
    local current=${COMP_WORDS[COMP_CWORD]} first=${COMP_WORDS[1]-}
    local offered wanted='' at=2

    if ((COMP_CWORD == 1)); then
        offered="-a $showing -f -h --version $(_agrconfig_interfaces agr)"
    elif [[ $first == -f ]]; then
        if ((COMP_CWORD == 2)); then
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
        fi
        return
    elif [[ $first == -a ]]; then
        ((COMP_CWORD == 2)) && offered=$showing
    elif [[ $first == -* ]]; then
        [[ " $showing " == *" $first "* ]] && ((COMP_CWORD == 2)) && offered=$(_agrconfig_interfaces agr)
    else
        offered=$words
        ((COMP_CWORD == 2)) && offered+=" $showing"
        while ((at < COMP_CWORD)); do
            case ${COMP_WORDS[at]} in
                port) offered="$words $of_a_port" ;;
                destroy) ((at == COMP_CWORD - 1)) && offered+=" force" ;;
            esac
            wanted=${follows[${COMP_WORDS[at]}]-}
            ((at += 1))
            [[ $wanted ]] || continue
            ((at == COMP_CWORD)) || wanted=''
            ((at += 1))
        done
        case $wanted in
            '') ;;
            -) offered='' ;;
            PORT) offered=$(_agrconfig_interfaces other) ;;
            MEMBER) offered=$(_agrconfig_ports "$first") ;;
            *) offered=$wanted ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "${offered-}" -- "$current")
}

complete -F _agrconfig agrconfig
