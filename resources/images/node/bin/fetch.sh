#!/bin/sh
# Speaks to a repository with git, as the app's user; nothing of the repository is ever run.
#
# How the repository is reached lies in /mnt/job/access: key, key-before, known_hosts, credentials,
# bearer, helpers (which shows it to one host), certificates.pem, and relayed (the workstation's ssh
# speaks to the server, see git_relay.py), each empty where it is not needed.
#
#   fetch.sh host-keys HOST PORT       the keys that an SSH server shows, as ssh-keyscan prints them
#   fetch.sh certificate HOST PORT     the time by this machine's clock, then the certificate that a
#                                      server shows to whoever asks
#   fetch.sh name HOST                 why it has no address, as the resolver says it; nothing where
#                                      it has one
#   fetch.sh branches URL [TAG…]       refs as `git ls-remote --symref` prints them: all branches,
#                                      and these tags, "*" for all, the newest by its name first
#   fetch.sh lineage URL REF COMMIT TIME
#                                      whether COMMIT, made at TIME (seconds since 1970), is among
#                                      what REF builds on: prints follows or rewritten
#   fetch.sh schemes URL               how its server wants to be told who asks, as git tells it to
#                                      helpers: wwwauth[]=…; nothing where it does not ask
#   fetch.sh fetch URL REF COMMIT_REF  one commit, shallow, kept under COMMIT_REF; REF may be an id;
#                                      prints its id, author, time and subject
#   fetch.sh unpack COMMIT COMMIT_REF  the same from /mnt/job/pack, sent by the desktop
#   fetch.sh pack BEFORE AFTER BYTES   what leads from one commit to the other, as a pack for a
#                                      repository that has the first; cut off after so many bytes
#   fetch.sh checkout COMMIT_REF URL whole|pointers [FOLDER]
#                                      a clean tree of it in /mnt/fetch/checkout, or in FOLDER there,
#                                      what Git LFS keeps at URL included or not; prints the entries
#                                      of its submodules, NUL-separated, an empty one, and of the
#                                      whole checkout what `tree` prints
#   fetch.sh modules                   .gitmodules of the tree checked out last
#   fetch.sh tree                      what is in the checkout, NUL-separated: bytes (of a file, of
#                                      nothing else), a tab, the path
#   fetch.sh changes BEFORE AFTER      what differs between two commits, as git diff-tree prints it
#   fetch.sh stage BEFORE AFTER URL    the files that AFTER adds or changes, into /mnt/fetch/checkout
#   fetch.sh renew BEFORE AFTER LAST PYTHON
#                                      these files into /mnt/fetch/live, see renew.py
#   fetch.sh unfinished                marks /mnt/fetch/live as renew.py does until it is done
#   fetch.sh entries COMMIT_REF        its files, as git ls-tree prints them, NUL-separated
#   fetch.sh live                      the paths in /mnt/fetch/live, NUL-separated
set -eu
REPOSITORY=/mnt/fetch/repository.git
CHECKOUT=/mnt/fetch/checkout
LIVE=/mnt/fetch/live
HISTORY=/tmp/history.git
ACCESS=/mnt/job/access
# Seconds without a byte: git's server says every five that it is still at work.
PATIENCE=60
# Seconds for a look as a whole: curl waits for five minutes until TLS stands. How long a connection
# may take to be made is a setting of the container's network.
LOOK=90
# The headers of answers, in RAM: git does not tell them. It leaves out what says who asks.
SPOKEN=/tmp/spoken
export GIT_TRACE_CURL=$SPOKEN GIT_TRACE_CURL_NO_DATA=1
export HOME=/tmp GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_TERMINAL_PROMPT=0
export GIT_ALLOW_PROTOCOL=https:ssh GIT_ADVICE=0 GIT_INDEX_FILE=/tmp/index
export GIT_SSH_VARIANT=ssh GIT_SSH_COMMAND="ssh -F none -o BatchMode=yes \
  -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$ACCESS/known_hosts \
  -o GlobalKnownHostsFile=none -o UpdateHostKeys=no -o IdentitiesOnly=yes -o IdentityAgent=none \
  -o PreferredAuthentications=publickey -o ConnectTimeout=20 -o ServerAliveInterval=15 \
  -o ChannelTimeout=session:command=$PATIENCE"
for key in "$ACCESS/key" "$ACCESS/key-before"; do
  [ ! -s "$key" ] || GIT_SSH_COMMAND="$GIT_SSH_COMMAND -i $key"
done
[ ! -s "$ACCESS/relayed" ] || GIT_SSH_COMMAND="/usr/lib/holdfast/git_relay.py ask"
if [ -s "$ACCESS/certificates.pem" ]; then
  cat "${GIT_SSL_CAINFO:-/etc/ssl/certs/ca-certificates.crt}" "$ACCESS/certificates.pem" \
    >/tmp/trusted.pem
  export GIT_SSL_CAINFO=/tmp/trusted.pem
fi

git_() {
  ${LIMIT:+timeout "$LIMIT"} git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c safe.directory='*' \
    -c protocol.file.allow=never -c credential.helper= \
    -c credential.helper="store --file=$ACCESS/credentials" -c include.path="$ACCESS/helpers" \
    -c http.followRedirects=initial -c http.lowSpeedLimit=1 -c http.lowSpeedTime=$PATIENCE \
    -c filter.lfs.smudge='git-lfs smudge -- %f' -c filter.lfs.clean='git-lfs clean -- %f' \
    -c filter.lfs.process='git-lfs filter-process' -c filter.lfs.required=true "$@"
}
in_repository() { git_ --git-dir "$REPOSITORY" "$@"; }
in_history() { git_ --git-dir "$HISTORY" "$@"; }
commits_of() {
  # in one file, whose size is limited
  in_history -c fetch.unpackLimit=1 fetch -q "$3" --filter=tree:0 --no-tags \
    --no-write-fetch-head -- "$1" "+$2:refs/heads/tip"
}
# Of the last answer.
told_type() { sed -n 's|.*<= Recv header: content-type: *||Ip' "$SPOKEN" | tail -n 1; }
create() { [ -d "$REPOSITORY/objects" ] || git_ init -q --bare "$REPOSITORY"; }
tree() {
  find "$CHECKOUT" -mindepth 1 ! -type d \( -type f -printf '%s\t%P\0' -o -printf '\t%P\0' \)
}
tell() { in_repository log -1 --no-show-signature --format='%H%n%an%n%cI%n%s' "$1" --; }

rm -f "$SPOKEN"
trap '[ $? -eq 0 ] || [ ! -e "$SPOKEN" ] ||
  sed -n -e "s/.*<= Recv header: \([Rr]etry-[Aa]fter:\)/\1/p" \
    -e "s/.* Info: connect to .* failed: /connect: /p" "$SPOKEN" >&2' EXIT

case "${1-}" in
  host-keys)
    ssh-keyscan -T 15 -p "$3" -- "$2" ;;
  certificate)
    date -u +%Y-%m-%dT%H:%M:%S+00:00
    /usr/bin/python3 -E -s -B -c 'if True:
      import ssl, sys
      print(ssl.get_server_certificate((sys.argv[1], int(sys.argv[2])), timeout=15))' "$2" "$3" ;;
  branches)
    url=$2
    shift 2
    for tag; do
      set -- "$@" "refs/tags/$tag" "refs/tags/$tag^{}"
      shift
    done
    LIMIT=$LOOK
    git_ ls-remote --symref --sort=-version:refname -- "$url" HEAD 'refs/heads/*' "$@" >/tmp/refs || {
      code=$?
      [ $code -ne 124 ] || echo "fatal: no answer within $LOOK seconds" >&2
      exit $code
    }
    # of a page in one line git says nothing, as of a repository without branches
    [ -s /tmp/refs ] || [ ! -e "$SPOKEN" ] || case $(told_type) in
      text/html*) echo "fatal: $url/info/refs not valid: is this a git repository?" >&2; exit 128 ;;
    esac
    cat /tmp/refs ;;
  lineage)
    # commits alone, where the server leaves out the rest; else never more than 32 MiB of all
    ulimit -f 65536
    rm -rf "$HISTORY"
    git_ init -q --bare "$HISTORY"
    # clocks may be a day apart; should the branch be at an older commit, its own time counts
    if ! commits_of "$2" "$3" --shallow-since="$(($5 - 86400))" 2>/dev/null; then
      commits_of "$2" "$3" --depth=1
      commits_of "$2" "$3" --shallow-since="$(($(in_history log -1 --format=%ct tip) - 86400))"
    fi
    in_history rev-list tip >/tmp/history
    ! grep -qx "$4" /tmp/history || { echo follows; exit; }
    echo rewritten ;;
  name)
    timeout 15 /usr/bin/python3 -E -s -B -c 'if True:
      import socket, sys
      try:
          socket.getaddrinfo(sys.argv[1], None)
      except OSError as error:
          print(error.strerror)' "$2" || echo "Temporary failure in name resolution" ;;
  schemes)
    LIMIT=$LOOK
    git_ -c credential.helper= -c credential.helper='!cat >/tmp/asked #' \
      ls-remote -q -- "$2" HEAD >/dev/null 2>&1 || :
    [ ! -e /tmp/asked ] || grep '^wwwauth' /tmp/asked || : ;;
  fetch)
    create
    in_repository fetch -q --depth 1 --no-tags --no-write-fetch-head -- "$2" "+$3:$4"
    # an annotated tag is an object of its own
    in_repository update-ref "$4" "$4^{commit}"
    tell "$4" ;;
  unpack)
    create
    # the pack holds this commit alone: its parents are cut off, as a shallow fetch does
    grep -qsx "$2" "$REPOSITORY/shallow" || echo "$2" >>"$REPOSITORY/shallow"
    in_repository unpack-objects -q </mnt/job/pack
    in_repository update-ref "$3" "$2"
    tell "$3" ;;
  pack)
    # thin: it refers to what the first commit has
    printf '%s\n^%s\n' "$3" "$2" |
      in_repository pack-objects -q --revs --thin --shallow --stdout | head -c "$4" ;;
  checkout)
    folder=$CHECKOUT${5:+/$5}
    # a link of the parent's must not lead a submodule out of the checkout
    [ "$(realpath -m -- "$folder")" = "$folder" ] || { echo "$5 lies behind a link" >&2; exit 1; }
    mkdir -p "$folder"
    rm -f "$GIT_INDEX_FILE"
    [ "$4" = whole ] || export GIT_LFS_SKIP_SMUDGE=1
    in_repository --work-tree "$folder" -c remote.origin.url="$3" \
      checkout -q -f --no-overlay "$2" -- .
    in_repository ls-files --stage -z | grep -z '^160000 ' || :
    printf '\0'
    [ -n "${5-}" ] || tree ;;
  modules)
    in_repository config --blob :.gitmodules --list -z ;;
  tree)
    tree ;;
  changes)
    in_repository diff-tree -r --raw -z --no-renames "$2" "$3" -- ;;
  stage)
    mkdir -p "$CHECKOUT"
    find "$CHECKOUT" -mindepth 1 -delete
    rm -f "$GIT_INDEX_FILE"
    # a repository may name a file so that git would read it as a pattern
    export GIT_LITERAL_PATHSPECS=1
    in_repository diff-tree -r --name-only -z --no-renames --diff-filter=d "$2" "$3" -- >/tmp/changed
    [ ! -s /tmp/changed ] || in_repository --work-tree "$CHECKOUT" -c remote.origin.url="$4" \
      checkout -q -f --no-overlay --pathspec-from-file=/tmp/changed --pathspec-file-nul "$3" ;;
  renew)
    in_repository diff-tree -r --raw -z --no-renames "$2" "$3" -- >/tmp/changed
    /usr/bin/python3 -E -s -B /usr/lib/holdfast/renew.py "$CHECKOUT" "$LIVE" "$4" "$5" \
      </tmp/changed ;;
  unfinished)
    [ -e "$LIVE/.holdfast-renewal" ] || mkdir "$LIVE/.holdfast-renewal" ;;
  entries)
    in_repository ls-tree -r -z "$2" -- ;;
  live)
    cd "$LIVE" && find . -mindepth 1 -name __pycache__ -prune -o ! -type d -printf '%P\0' ;;
  *) exit 64 ;;
esac
