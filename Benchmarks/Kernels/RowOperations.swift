// Operations that treat every row alone, and attention: f32, hot in the caches as in a pass.

import CKernels
import Kernels

extension Operation {
  static var rowWise: [Operation] {
    [
      Operation(name: "norm") { context in
        let weight = AlignedFloats(
          copying: repeatElement(1, count: context.geometry.hidden))
        return { rows in
          let x = context.rows(rows, context.geometry.hidden)
          let out = context.rows(rows, context.geometry.hidden)
          return Workload(operations: 0, byteCount: 8 * Double(rows * x.columns)) { _ in
            context.compute.layerNorm(x, weight: weight, bias: nil, eps: 1e-5, into: out)
          }
        }
      },
      perRow("geglu", columns: { 2 * $0.wide }) { kernels, _ in
        let wide = kernels.columns / 2
        return { row, out in kernels.table.geglu_f32(row, row + wide, wide, out) }
      },
      perRow("softmax", columns: { _ in 256 }) { kernels, _ in
        { row, out in
          out.update(from: row, count: kernels.columns)
          var (largest, sum) = (-Float.infinity, Float(0))
          _ = kernels.table.softmax_block_f32(out, kernels.columns, &largest, &sum)
        }
      },
      perRow("rope", columns: { $0.hidden }) { kernels, geometry in
        let dimension = geometry.hidden / geometry.headCount
        let angles = AlignedFloats(count: dimension)
        angles.base.update(repeating: Float(0.5).squareRoot(), count: dimension)
        return { row, out in
          out.update(from: row, count: kernels.columns)
          for head in 0..<geometry.headCount {
            kernels.table.rope_f32(
              out + head * dimension, angles.base, angles.base + dimension / 2, dimension / 2, 1)
          }
        }
      },
    ]
  }

  /// A kernel over rows, from one row to another: read and written once.
  private static func perRow(
    _ name: String, columns: @escaping (Geometry) -> Int,
    _ kernel:
      @escaping (_ kernels: (table: gk_kernel_set, columns: Int), Geometry)
      -> (_ x: UnsafeMutablePointer<Float>, _ out: UnsafeMutablePointer<Float>) -> Void
  ) -> Operation {
    Operation(name: name) { context in
      let width = columns(context.geometry)
      let run = kernel((context.compute.kernels.table, width), context.geometry)
      return { rows in
        let x = context.rows(rows, width)
        let out = context.rows(rows, width)
        nonisolated(unsafe) let body = run
        return Workload(operations: 0, byteCount: 8 * Double(rows * width)) { _ in
          context.compute.pool.run((rows + 15) / 16) { chunk in
            for row in chunk * 16..<min(rows, chunk * 16 + 16) { body(x[row], out[row]) }
          }
        }
      }
    }
  }

  static var attention: [Operation] {
    [
      attention("attention-global", window: nil), attention("attention-local", window: 64),
    ]
  }

  /// One sequence of all rows, every head: packing, rotation, scores, softmax and context.
  private static func attention(_ name: String, window: Int?) -> Operation {
    Operation(name: name) { context in
      let (compute, geometry) = (context.compute, context.geometry)
      let dimension = geometry.hidden / geometry.headCount
      let shape = AttentionShape(
        headCount: geometry.headCount, headDimension: dimension, window: window)
      return { rows in
        let rotary = RotaryTable(positions: rows, headDimension: dimension, theta: 160_000)
        let input = context.rows(rows, 3 * geometry.hidden)
        let qkv = context.rows(rows, 3 * geometry.hidden)
        let out = context.rows(rows, geometry.hidden)
        var plan = AttentionPlan()
        compute.plan(&plan, offsets: [0, rows], shape: shape)
        let scratch = AlignedFloats(count: plan.scratchCount)
        let laid = plan
        return Workload(
          operations: attentionOperations(rows, window, geometry),
          byteCount: 16 * Double(rows * geometry.hidden)
        ) { _ in
          // Queries are rotated and scaled in place: every run has fresh ones.
          input.copy(into: qkv)
          compute.packKeysAndValues(qkv, laid, rotary: rotary, shape: shape, scratch: scratch)
          compute.attend(
            qkv, laid, rotary: rotary, shape: shape, scratch: scratch, into: out)
        }
      }
    }
  }

  /// Over the keys that queries see.
  static func attentionOperations(_ rows: Int, _ window: Int?, _ geometry: Geometry) -> Double {
    let pairs = (0..<rows).reduce(0) { sum, row in
      sum + min(rows, row + (window ?? rows) + 1) - max(0, row - (window ?? rows))
    }
    return 4 * Double(pairs) * Double(geometry.hidden)
  }
}
