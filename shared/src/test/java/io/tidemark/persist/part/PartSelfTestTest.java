package io.tidemark.persist.part;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PartSelfTestTest {

  @Test
  void shouldReadBackEveryUpdate() {
    assertEquals(PartSelfTest.UPDATES, PartSelfTest.run());
  }
}
