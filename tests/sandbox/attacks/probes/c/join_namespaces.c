/* Step into the namespaces of processes of the host.
 *
 * area: namespaces
 */
#include "prelude.h"
#include <sched.h>

int main(void) {
    static const char *kinds[] = {"user", "mnt", "net", "pid", "ipc", "uts"};
    char path[64];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf(path, sizeof path, "/proc/%d/ns/%s", canary(), kinds[i]);
        int handle = open(path, O_RDONLY);
        told(path, handle);
        told("step into it", setns(handle, 0));
        snprintf(path, sizeof path, "/proc/1/ns/%s", kinds[i]);
        handle = open(path, O_RDONLY);
        told("step into that of process 1", setns(handle, 0));
    }
    return 0;
}
