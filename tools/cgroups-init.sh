#!/bin/sh
# The first program of the virtual machine that cgroups.sh starts. It makes the host's files, read-only, the machine's own, and tries the
# sandbox there. Its first half runs in the initial file system, where there is nothing but busybox and the modules of the kernel.
set -eu
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
trap 'busybox reboot -f' EXIT # QEMU is told to end then

if [ "${1-}" != inside ]; then
    for module in /modules/*; do
        busybox insmod "$module"
    done
    share=trans=virtio,version=9p2000.L,msize=512000
    busybox mount -t 9p -o "$share,ro,cache=loose" host /host
    busybox mount -t tmpfs none /host/run
    busybox mkdir /host/run/out /host/run/venv
    busybox mount -t 9p -o "$share" out /host/run/out
    busybox cp -r /host/run/out/kibitz /host/run
    # A checkout below /tmp would be hidden in a moment; and one below /root could not be reached by ordinary users.
    busybox mount -o bind "/host$(busybox cat /host/run/out/checkout)/.venv" /host/run/venv
    for place in tmp var/tmp var/cache; do
        busybox mount -t tmpfs none "/host/$place"
    done
    exec busybox switch_root /host /bin/sh /run/kibitz/tools/cgroups-init.sh inside
fi

mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts none /dev/pts
mount -t tmpfs none /dev/shm
mount -t cgroup2 none /sys/fs/cgroup
busybox ip link set lo up

cd /run/kibitz
python=/run/venv/bin/python
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
export HOME=/tmp PYTHONPATH="$PWD/src:$PWD:$packages" PYTHONDONTWRITEBYTECODE=1
status=0
set -f # the arguments are patterns
"$python" -m tests.sandbox.cgroups /run/out/page.md $(cat /run/out/arguments) || status=$?
echo "$status" >/run/out/status
