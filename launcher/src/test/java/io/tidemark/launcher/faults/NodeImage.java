package io.tidemark.launcher.faults;

import io.tidemark.environment.Failpoints;
import io.tidemark.launcher.faults.ClusterNode.Place;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/**
 * What node processes run: the jar that was built, {@link CrashingFailpoints} as a service in a jar
 * of its own, and an archive of the classes that a node loads, with which it starts in half the
 * time. Made once for a run.
 */
final class NodeImage {

  /** The folder of an image that another process has made. */
  static final String PROPERTY = "faults.image";

  private static final long COMMIT_SECONDS = 30;

  private NodeImage() {}

  private static Path jar() {
    return Path.of(System.getProperty("tidemark.jar"));
  }

  /** What runs a node of the image. */
  static List<String> launch(Path image) {
    return List.of(
        "-XX:SharedArchiveFile=" + image.resolve("node.jsa"),
        "-Xlog:cds=off",
        "-Xlog:cds+dynamic=off",
        "-cp",
        jar() + File.pathSeparator + image.resolve("failpoints.jar"),
        "io.tidemark.launcher.Main");
  }

  /** Makes it: a node lives for a moment, alone, and leaves behind which classes it loaded. */
  static void make(Path image) throws IOException, InterruptedException {
    Files.createDirectories(image);
    failpoints(image.resolve("failpoints.jar"));
    try (Network network = Network.loopback(1)) {
      Place place = network.places().get(0);
      SharedStore store = FileStores.sqlite(image.resolve("data"));
      ProcessCluster.Plan plan =
          new ProcessCluster.Plan("image", FaultRun.COLLECTION, image, store, List.of(place));
      List<String> recording = new ArrayList<>(launch(image));
      recording.set(0, "-XX:ArchiveClassesAtExit=" + image.resolve("node.jsa"));
      try (ProcessCluster one = new ProcessCluster(plan, 1, recording);
          History history = new History(image.resolve("history"))) {
        one.start();
        Object unused = one.create();
        Progress progress = new Progress();
        HttpLoad.Target target =
            new HttpLoad.Target(
                FaultRun.COLLECTION, one.urls(), "image", HttpLoad.MIXED, new ArrayList<>());
        HttpLoad load = new HttpLoad(history, progress, target, 1, 1);
        long millis = progress.awaitCommitAfter(System.nanoTime(), COMMIT_SECONDS);
        load.end();
        System.out.printf("[faults] a node commits after %d ms%n", millis);
        one.nodes().get(0).terminate();
        one.nodes().get(0).awaitEnd();
      }
    }
  }

  private static void failpoints(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out)) {
      add(
          jar,
          "META-INF/services/" + Failpoints.class.getName(),
          CrashingFailpoints.class.getName());
      for (Class<?> type : List.of(CrashingFailpoints.class, CrashingFailpoints.Action.class)) {
        String name = type.getName().replace('.', '/') + ".class";
        jar.putNextEntry(new ZipEntry(name));
        try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
          long unused = in.transferTo(jar);
        }
      }
    }
  }

  private static void add(JarOutputStream jar, String name, String text) throws IOException {
    jar.putNextEntry(new ZipEntry(name));
    jar.write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
