/* Start threads until the library throws.
 *
 * area: process bombs
 * ends: exit 0 | processes | signal 9
 */
#include "prelude.h"
#include <chrono>
#include <system_error>
#include <thread>
#include <vector>

int main() {
    std::vector<std::thread> threads;
    try {
        while (threads.size() < 400) threads.emplace_back([] { std::this_thread::sleep_for(std::chrono::seconds(5)); });
    } catch (const std::system_error &refusal) {
        dprintf(1, "TOLD %s\n", refusal.what());
    }
    reached("threads", (long)threads.size(), 100);
    _exit(0);
}
