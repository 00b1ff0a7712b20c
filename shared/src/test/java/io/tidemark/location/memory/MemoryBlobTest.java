package io.tidemark.location.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Await;
import io.tidemark.location.Blob;
import io.tidemark.location.BlobContract;
import io.tidemark.location.DeterminateException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class MemoryBlobTest extends BlobContract {

  private final Map<String, Blob> stores = new ConcurrentHashMap<>();

  @Override
  protected Blob open(String location) {
    return stores.computeIfAbsent(location, l -> new MemoryBlob());
  }

  @Test
  void shouldAnswerAtOnce() {
    Blob blob = new MemoryBlob();

    assertTrue(blob.set("k", bytes("v")).isComplete());
    assertTrue(blob.get("k").isComplete());
    assertTrue(blob.list("", entry -> {}).isComplete());
  }

  @Test
  void shouldBringBackTheLastDeletedObjects() {
    Blob blob = new MemoryBlob();
    for (int i = 0; i <= MemoryBlob.MAX_TOMBSTONES; i++) {
      set(blob, "k" + i, "v" + i);
      assertTrue(Await.result(blob.delete("k" + i)).isPresent());
    }

    Await.failure(DeterminateException.class, blob.restore("k0"));
    Await.result(blob.restore("k1"));
    assertEquals("v1", text(blob, "k1"));
    assertEquals(OptionalLong.of(2), Await.result(blob.delete("k1")));
    Await.result(blob.restore("k1"));
    assertEquals("v1", text(blob, "k1"));
  }
}
