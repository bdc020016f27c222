/* Take over a process of the host, and one of its own, as a debugger does.
 *
 * area: processes
 */
#include "prelude.h"
#include <sys/ptrace.h>

int main(void) {
    told("seize the canary", ptrace(PTRACE_SEIZE, canary(), 0, 0));
    pid_t child = fork();
    if (child == 0) linger();
    told("seize a child", ptrace(PTRACE_SEIZE, child, 0, 0));
    kill(child, SIGKILL);
    return 0;
}
