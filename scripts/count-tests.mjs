// The plain closing line of a CI run, counted from the runner's own report.
import { readFileSync } from 'node:fs'

let report
try {
  report = JSON.parse(readFileSync('.reports/vitest.json', 'utf8'))
} catch (error) {
  console.log(`no test report: ${error.message}`)
  console.log('0 passed, 1 failed, 0 skipped')
  process.exit(1)
}
// A file that could not be loaded fails without a test of its own to count.
const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
const failed = report.numFailedTests + brokenFiles.length
console.log(
  `${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped`,
)
process.exit(failed > 0 || report.numPassedTests === 0 ? 1 : 0)
