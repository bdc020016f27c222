/* Make the calls of an administrator: modules, reboot, swap, clocks, names, ports, devices, capabilities.
 *
 * Every call is without effect even where it is allowed: it gives wrong arguments or what is set already.
 *
 * area: kernel
 * naive: the kernel refuses these to whoever is not root
 */
#include "prelude.h"
#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>

int main(void) {
    char name[65] = {0};
    gethostname(name, 64);
    struct timex clock = {0};
    adjtimex(&clock);
    clock.modes = ADJ_TICK; /* to what it is */
    if (clock.tick == 0) clock.tick = 10000;
    struct { unsigned size; int type; char bytes[8]; } handle = {8, 1, {0}};
    forbidden("load a module", syscall(SYS_init_module, NULL, 0, ""));
    forbidden("remove a module", syscall(SYS_delete_module, "@MARK@", O_NONBLOCK));
    forbidden("load another kernel", syscall(SYS_kexec_load, 0, 0, NULL, 0xdead));
    forbidden("reboot", syscall(SYS_reboot, 0, 0, 0, NULL));
    forbidden("swap on", syscall(SYS_swapon, "/nowhere/@MARK@", 0));
    forbidden("swap off", syscall(SYS_swapoff, "/nowhere/@MARK@"));
    forbidden("account processes", syscall(SYS_acct, "/nowhere/@MARK@"));
    forbidden("set the clock", adjtimex(&clock));
    forbidden("set the host name", sethostname(name, strlen(name)));
    forbidden("make a device", mknod("device", S_IFCHR | 0600, makedev(1, 1)));
    forbidden("open by handle", syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY));
    forbidden("read the kernel's log", syscall(SYS_syslog, 3, name, 64));
#ifdef __x86_64__
    forbidden("use ports", syscall(SYS_iopl, 3));
#endif
    told("become root", setuid(0));
    told("become root's group", setgid(0));
    told("take a real-time turn", sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1}));
    told("go before others", setpriority(PRIO_PROCESS, 0, -5));
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct all[2] = {{~0u, ~0u, 0}, {~0u, ~0u, 0}};
    told("take capabilities", syscall(SYS_capset, &header, all));
    return 0;
}
