package io.tidemark.launcher.faults;

import io.tidemark.launcher.faults.ClusterNode.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Places for nodes. */
interface Network extends AutoCloseable {

  /** As many places as were asked for; the last one is for a member that is no node. */
  List<Place> places();

  @Override
  void close();

  /** Places on the loopback interface of this machine, told apart by ports that are free. */
  static Network loopback(int nodes) throws IOException {
    List<ServerSocket> free = new ArrayList<>();
    List<Place> places = new ArrayList<>();
    try {
      for (int i = 0; i < nodes; i++) {
        ServerSocket hazelcast = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        free.add(hazelcast);
        ServerSocket http = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        free.add(http);
        places.add(
            new Place(
                "node" + i,
                "127.0.0.1",
                hazelcast.getLocalPort(),
                "127.0.0.1",
                http.getLocalPort(),
                List.of()));
      }
    } finally {
      for (ServerSocket socket : free) {
        socket.close();
      }
    }
    return new Network() {
      @Override
      public List<Place> places() {
        return places;
      }

      @Override
      public void close() {}
    };
  }
}
