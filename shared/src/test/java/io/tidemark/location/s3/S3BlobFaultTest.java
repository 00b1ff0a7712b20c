package io.tidemark.location.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Await;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import io.tidemark.location.s3.FaultProxy.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class S3BlobFaultTest {

  private static final String PART_2 = ".*partNumber=2.*";

  private final String bucket = S3Fixture.freshBucket();
  private final S3Location location = S3Fixture.location(bucket, "p");
  private final FaultProxy proxy = new FaultProxy(S3Fixture.vertx(), S3Fixture.server().endpoint());
  private final S3Blob blob =
      S3Blob.open(
          proxy.location(bucket, "p", ""),
          new S3Timing(5_000, 60_000, 60_000),
          S3Fixture.CREDENTIALS);

  @AfterEach
  void closeAll() {
    blob.close();
    proxy.close();
  }

  private static byte[] large() {
    byte[] value = new byte[2 * MultipartUpload.PART_BYTES + 5];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) (i * 31 + (i >> 20));
    }
    return value;
  }

  private int uploads() throws Exception {
    try (S3Clients clients = S3Clients.connect(location, S3Timing.DEFAULT, S3Fixture.CREDENTIALS)) {
      return clients
          .reading()
          .listMultipartUploads(request -> request.bucket(bucket))
          .get()
          .uploads()
          .size();
    }
  }

  @Test
  void shouldSendALargeObjectInParts() throws Exception {
    byte[] value = large();
    int before = proxy.requests();

    Await.result(blob.set("s/w/p", value));

    assertEquals(before + 5, proxy.requests(), "create, three parts, complete");
    assertArrayEquals(value, Await.result(blob.get("s/w/p")).orElseThrow());
    assertEquals(0, uploads());
  }

  @Test
  void shouldLeaveNoUploadBehindIfAPartFails() throws Exception {
    proxy.fault(Fault.INTERNAL_ERROR, 1, "PUT", PART_2);

    Await.failure(DeterminateException.class, blob.set("s/w/p", large()));

    assertEquals(0, uploads());
    assertEquals(Optional.empty(), Await.result(blob.get("s/w/p")));
    Await.result(blob.set("s/w/p", large()));
  }

  @Test
  void shouldNotKnowOfAnUploadWhoseCompletionIsNotAnswered() throws Exception {
    proxy.fault(Fault.LOSE_ANSWER, 1, "POST", ".*uploadId=.*");

    Await.failure(IndeterminateException.class, blob.set("s/w/p", large()));

    assertArrayEquals(large(), Await.result(blob.get("s/w/p")).orElseThrow());
    assertEquals(0, uploads());
  }

  @Test
  void shouldTellRefusalsFromFailures() {
    proxy.fault(Fault.SLOW_DOWN, 1, "PUT", ".*");
    Await.failure(DeterminateException.class, blob.set("k", new byte[1]));
    proxy.fault(Fault.LOSE_ANSWER, 1, "PUT", ".*");
    Await.failure(IndeterminateException.class, blob.set("k", new byte[1]));
    assertEquals(1, Await.result(blob.get("k")).orElseThrow().length);
    proxy.fault(Fault.LOSE_ANSWER, 1, "DELETE", ".*");
    Await.failure(IndeterminateException.class, blob.delete("k"));
    assertTrue(Await.result(blob.delete("k")).isEmpty());
  }

  @Test
  void shouldReadAgainWhatWasCutOff() {
    Await.result(blob.set("k", new byte[100_000]));
    proxy.fault(Fault.LOSE_ANSWER, S3Clients.READ_ATTEMPTS - 1, "GET", ".*/k");

    assertEquals(100_000, Await.result(blob.get("k")).orElseThrow().length);
  }

  @Test
  void shouldFollowAListOverItsPages() throws Exception {
    int count = 2 * ObjectPages.MAX_NAMES + 7;
    Path folder = S3Fixture.server().data().resolve(bucket).resolve("p/parts/s/w");
    Set<String> expected = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      write(folder, "p" + i);
      expected.add("s/w/p" + i + " 1");
    }

    Set<String> found = new TreeSet<>();
    Await.result(
        blob.list("s/", entry -> assertTrue(found.add(entry.key() + " " + entry.bytes()))));

    assertEquals(expected, found);
  }

  private static void write(Path folder, String name) throws IOException {
    Path unused = Files.write(Files.createDirectories(folder).resolve(name), new byte[1]);
  }

  @Test
  void shouldSkipWhatIsNoObjectOfOurs() throws Exception {
    Path folder = S3Fixture.server().data().resolve(bucket).resolve("p/parts");
    write(folder.resolve("s"), "a b");
    write(folder.resolve("s"), "p");

    Set<String> found = new TreeSet<>();
    Await.result(blob.list("", entry -> assertTrue(found.add(entry.key()))));

    assertEquals(Set.of("s/p"), found);
  }
}
