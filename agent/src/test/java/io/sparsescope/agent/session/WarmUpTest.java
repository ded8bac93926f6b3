package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WarmUpTest {
  private final List<ClassFileTransformer> transformers = new ArrayList<>();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rewritesAModelWithATapBehindEachLayer(boolean isNative) throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"), WarmUp.model());

    assertThat(WarmUp.rewrite(file, isNative)).isEqualTo(13);
  }

  @Test
  void startsWithTheFirstClassOfOnnxRuntimeAndIsGoneThen() throws Exception {
    WarmUp.whenOnnxRuntimeAppears(instrumentation(), true);
    if (Runtime.getRuntime().availableProcessors() == 1) {
      assertThat(transformers).isEmpty();
      return;
    }
    ClassFileTransformer trigger = transformers.get(0);

    assertThat(trigger.transform(null, null, "ai/other/Session", null, null, new byte[0])).isNull();
    assertThat(trigger.transform(null, null, null, null, null, new byte[0])).isNull();
    assertThat(transformers).containsExactly(trigger);

    assertThat(trigger.transform(null, null, "ai/onnxruntime/OrtUtil", null, null, new byte[0]))
        .isNull();
    assertThat(transformers).isEmpty();
    WarmUp.await();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("sparsescope-warm-up"));
  }

  @Test
  void keepsNobodyWaitingWhoIsInterrupted() {
    Thread.currentThread().interrupt();

    WarmUp.await();

    assertThat(Thread.interrupted()).isTrue();
  }

  private Instrumentation instrumentation() {
    return (Instrumentation)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Instrumentation.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "addTransformer" -> {
                    transformers.add((ClassFileTransformer) arguments[0]);
                    yield null;
                  }
                  case "removeTransformer" -> transformers.remove(arguments[0]);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
