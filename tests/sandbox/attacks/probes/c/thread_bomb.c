/* Start thread after thread.
 *
 * area: process bombs
 * ends: exit 0 | processes | signal 9
 */
#include "prelude.h"
#include <pthread.h>

static void *wait_for_ever(void *nothing) {
    for (;;) pause();
    return nothing;
}

int main(void) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    pthread_t thread;
    long threads = 0;
    while (threads < 1000 && pthread_create(&thread, &small, wait_for_ever, NULL) == 0) threads++;
    reached("threads", threads, 100);
    _exit(0);
}
