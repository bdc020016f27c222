/* Read and write the memory of other processes.
 *
 * area: processes
 */
#include "prelude.h"
#include <sys/uio.h>

int main(void) {
    static char here[8], there[8];
    struct iovec local = {here, sizeof here}, remote = {there, sizeof there};
    pid_t child = fork();
    if (child == 0) linger();
    told("read a child's memory", process_vm_readv(child, &local, 1, &remote, 1, 0));
    told("write a child's memory", process_vm_writev(child, &local, 1, &remote, 1, 0));
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", canary());
    told("open the canary's memory", open(path, O_RDWR));
    kill(child, SIGKILL);
    return 0;
}
