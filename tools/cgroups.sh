#!/usr/bin/env bash
# Try the sandbox on a real cgroup v2: a stock Debian kernel in a virtual machine that has this machine's files, read-only.
#
# QEMU emulates the machine in software, so neither KVM nor cgroups of the host's are needed, and nothing reaches the network. What it
# needs is installed by apt and stays; the kernel is unpacked into build/cgroups, which `make clean` removes. Debian on x86-64 only.
#
# Usage: tools/cgroups.sh [PATTERN [ARRANGEMENT]]: all, which writes the page, or only some, such as 'c/*bomb*' 'root-*', which does not.
set -euo pipefail
cd "$(dirname "$0")/.."

MEMORY=3072 # MiB: the limit of a run, twice over, is what the attack suite allows to be missing; the rest is the machine's own
TIME=1800   # seconds: several times what it takes on two cores
PAGE=docs/reference/cgroups.md
# In the order in which they need each other. Later kernels have some of them built in.
MODULES=(virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci netfs fscache 9pnet 9pnet_virtio 9p)

fail() {
    printf 'cgroups: %s\n' "$@" >&2
    exit 1
}

install_packages() { # install_packages PROGRAM=PACKAGE…
    local pair missing=() as_root=()
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    echo "cgroups: installing ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c \
        'apt-get install -y -qq --no-install-recommends "$@" || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; }' \
        _ "${missing[@]}" >/dev/null || fail "could not install them. Try: sudo apt-get install -y ${missing[*]}"
}

fetch_kernel() { # fetch_kernel PACKAGE FOLDER
    [ ! -d "$2" ] || return 0
    echo "cgroups: fetching the kernel $1 into $2 (70 MB, once)"
    (cd "$scratch" && apt-get download -qq "$1" 2>/dev/null) || fail "could not fetch it. Try this, then again: sudo apt-get update"
    dpkg -x "$scratch/$1"_*.deb "$scratch/kernel"
    mkdir -p "$(dirname "$2")"
    mv "$scratch/kernel" "$2"
}

make_initial_files() { # make_initial_files KERNEL_FOLDER: what the kernel begins with
    local module file number=10 root=$scratch/root
    mkdir -p "$root"/{bin,dev,host,modules}
    cp /bin/busybox "$root/bin/busybox"
    ln -s busybox "$root/bin/sh"
    cp tools/cgroups-init.sh "$root/init"
    for module in "${MODULES[@]}"; do
        file=$(find "$1" -name "$module.ko*")
        case $file in
            *.xz) xz -dc "$file" >"$root/modules/$number-$module.ko" ;;
            *.ko) cp "$file" "$root/modules/$number-$module.ko" ;;
        esac
        number=$((number + 1))
    done
    (cd "$root" && find . | cpio --quiet -o -H newc) >"$scratch/initrd"
}

# The machine's clock counts instructions, a thousand million a second, so that limits of time mean the same however busy the host is.
# Its processor clears memory word by word: the emulator takes a fast `rep stosb` byte by byte.
start_machine() { # start_machine KERNEL_FOLDER
    timeout --kill-after=10 "$TIME" qemu-system-x86_64 \
        -accel tcg -icount shift=0 -cpu max,erms=off,fsrm=off -m "$MEMORY" -nic none -no-reboot -display none -monitor none -serial stdio \
        -kernel "$1"/boot/vmlinuz-* -initrd "$scratch/initrd" -append "console=ttyS0 loglevel=1 panic=-1 mitigations=off init_on_alloc=0" \
        -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
        -virtfs "local,path=$scratch/out,mount_tag=out,security_model=none" </dev/null &
    machine=$!
    wait "$machine" || fail "the machine did not end by itself (status $?; 124 is its time limit of $TIME seconds)"
}

machine=
scratch=$(mktemp -d)
trap '[ -z "$machine" ] || kill "$machine" 2>/dev/null || true; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

[ "$(uname -m)" = x86_64 ] || fail "this machine is no x86-64."
apt-cache show linux-image-amd64 >/dev/null 2>&1 || fail "this takes Debian's kernel, and there is none to be had by apt here."
install_packages qemu-system-x86_64=qemu-system-x86 busybox=busybox-static cpio=cpio xz=xz-utils

package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1)
kernel=build/cgroups/$package
fetch_kernel "$package" "$kernel"
make_initial_files "$kernel"
mkdir -p "$scratch/out/kibitz"
cp -r src tests tools "$scratch/out/kibitz" # as they are now, however long it takes
pwd >"$scratch/out/checkout"
echo "$@" >"$scratch/out/arguments"
echo "cgroups: starting a virtual machine with Linux ${package#linux-image-}"
start_machine "$kernel"
[ -e "$scratch/out/status" ] || fail "the machine ended before the tests did; what it said is above."
[ $# -gt 0 ] || cp "$scratch/out/page.md" "$PAGE"
exit "$(cat "$scratch/out/status")"
