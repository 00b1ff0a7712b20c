package io.tidemark.launcher.faults;

import io.tidemark.launcher.faults.ClusterNode.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a node is told of its cluster: the configuration that ships, with addresses, ports and the
 * name of the cluster replaced, so that several can run on one machine.
 */
final class ClusterFiles {

  private static final Path SHIPPED = Path.of("..", "conf").toAbsolutePath().normalize();

  /** What every request bears: nodes in namespaces do not listen on loopback. */
  static final String TOKEN = "token-of-the-fault-harness";

  private ClusterFiles() {}

  /** The options of a member's JVM, whether it is a node or not. */
  static List<String> options(ProcessCluster.Plan plan, Place place) throws IOException {
    Path file = plan.folder().resolve(place.name() + "-hazelcast.xml");
    Files.writeString(file, hazelcast(plan, place));
    return List.of(
        "-Dtidemark.cluster.hazelcast=" + file,
        "-Dtidemark.cluster.host=" + place.busAddress(),
        "-Dtidemark.cluster.port=0");
  }

  /** The arguments of a node. */
  static List<String> arguments() {
    return List.of("-cluster", "-conf", SHIPPED.resolve("cluster.json").toString());
  }

  private static String hazelcast(ProcessCluster.Plan plan, Place place) throws IOException {
    String members =
        plan.places().stream()
            .map(each -> "<member>" + each.busAddress() + ":" + each.hazelcastPort() + "</member>")
            .collect(Collectors.joining());
    String text = Files.readString(SHIPPED.resolve("hazelcast.xml"));
    text = replaced(text, "<cluster-name>[^<]*", "<cluster-name>" + plan.name());
    text =
        replaced(
            text, "<port [^>]*>\\d+", "<port auto-increment=\"false\">" + place.hazelcastPort());
    text =
        replaced(
            text,
            "(?s)<member-list>.*?</member-list>",
            "<member-list>" + members + "</member-list>");
    return replaced(text, "<interface>[^<]*", "<interface>" + place.busAddress());
  }

  /** Fails if there is nothing to replace: what ships has changed, and this has to follow. */
  private static String replaced(String text, String pattern, String replacement) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    if (!found.find()) {
      throw new AssertionError("conf/hazelcast.xml has no " + pattern);
    }
    return found.replaceFirst(Matcher.quoteReplacement(replacement));
  }
}
