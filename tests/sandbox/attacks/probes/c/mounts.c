/* Mount, unmount and change roots, by the old calls and the new ones, after trying to become root of a namespace.
 *
 * area: namespaces
 */
#include "prelude.h"
#include <sched.h>
#include <sys/mount.h>

int main(void) {
    told("new users and mounts", unshare(CLONE_NEWUSER | CLONE_NEWNS));
    told("mount", mount("tmpfs", "/tmp", "tmpfs", 0, NULL));
    told("mount proc", mount("proc", "/proc", "proc", 0, NULL));
    told("bind", mount("/", "/tmp", NULL, MS_BIND | MS_REC, NULL));
    told("remount", mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL));
    told("unmount", umount2("/tmp", MNT_DETACH));
    told("chroot", chroot("/tmp"));
    told("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp"));
    told("fsopen", syscall(430, "tmpfs", 0));
    told("open_tree", syscall(428, AT_FDCWD, "/usr", 0));
    told("move_mount", syscall(429, AT_FDCWD, "/usr", AT_FDCWD, "/tmp", 0));
    told("mount_setattr", syscall(442, AT_FDCWD, "/usr", 0, NULL, 0));
    return 0;
}
