/* Measure with the processor's counters, which tell of neighbours.
 *
 * area: kernel
 */
#include "prelude.h"
#include <linux/perf_event.h>

int main(void) {
    struct perf_event_attr wanted = {.type = PERF_TYPE_SOFTWARE, .size = sizeof wanted, .config = PERF_COUNT_SW_TASK_CLOCK};
    wanted.exclude_kernel = wanted.exclude_hv = 1;
    told("count its own time", syscall(SYS_perf_event_open, &wanted, 0, -1, -1, 0));
    told("count all of processor 0", syscall(SYS_perf_event_open, &wanted, -1, 0, -1, 0));
    return 0;
}
