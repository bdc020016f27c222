/* Connect to services of the host, and open one.
 *
 * area: network
 */
import java.net.*;
import java.nio.channels.*;

class Main {
    public static void main(String[] arguments) {
        Prelude.begin();
        Prelude.told("connect by TCP", () -> {
            try (Socket socket = new Socket("127.0.0.1", Integer.parseInt("@TCP4@"))) {
                socket.getOutputStream().write(1);
                return "connected";
            }
        });
        Prelude.told("connect by TCP, version 6", () -> {
            try (Socket socket = new Socket("::1", Integer.parseInt("@TCP6@"))) {
                return "connected";
            }
        });
        Prelude.told("send a datagram", () -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.send(new DatagramPacket(new byte[1], 1, InetAddress.getLoopbackAddress(), Integer.parseInt("@UDP4@")));
                return "sent";
            }
        });
        Prelude.told("connect by a path", () -> {
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of("@SOCKET@"))) {
                return "connected";
            }
        });
        Prelude.told("listen", () -> {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return "it listened";
            }
        });
    }
}
