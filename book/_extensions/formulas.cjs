// Sets formulas: reads one as JSON on each line of its input, writes its HTML as JSON on a line of its output.
// Deno runs it as CommonJS; its argument is MathJax's folder.
const { createInterface } = require("node:readline");
const [folder] = Deno.args;

async function main() {
  const MathJax = await require(`${folder}/node-main.js`).init({
    loader: { load: ["input/tex", "output/svg", "a11y/assistive-mml"] },
    svg: { fontCache: "none" }, // no identifiers, so a page may have any number of them
    tex: {
      packages: { "[-]": ["noerrors", "noundefined"] }, // which would print what is wrong in red
      formatError(_, error) {
        throw error;
      },
    },
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const { tex, display } = JSON.parse(line);
    try {
      const node = await MathJax.tex2svgPromise(tex, { display });
      console.log(JSON.stringify({ html: MathJax.startup.adaptor.outerHTML(node) }));
    } catch (error) {
      console.log(JSON.stringify({ error: error.message }));
    }
  }
}

main();
