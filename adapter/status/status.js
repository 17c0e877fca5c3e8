// Keeps the page up to date. Without this script it is as it was when it was
// loaded, and complete. The server sends finished HTML, as it is in the page.
"use strict";
(() => {
	const most = 550; // what the server keeps
	const rows = document.getElementById("rows");
	const none = document.getElementById("none");
	const live = document.getElementById("live");
	const hold = document.getElementById("hold");
	let last = rows.dataset.last;
	let source = null;
	let again = 0;

	const say = (text) => {
		if (live.textContent !== text) live.textContent = text; // read out once
	};

	const stop = () => {
		clearTimeout(again);
		if (source) source.close();
		source = null;
	};

	const start = () => {
		const query = new URLSearchParams(location.search);
		query.set("after", last);
		source = new EventSource("events?" + query);
		source.onopen = () => say("Live.");
		source.onerror = () => {
			// A browser gives up after some errors; this does not.
			stop();
			say("Not live: the server does not answer. Trying again.");
			again = setTimeout(start, 5000);
		};
		source.addEventListener("operations", (event) => {
			last = event.lastEventId;
			rows.insertAdjacentHTML("afterbegin", event.data);
			while (rows.rows.length > most) rows.deleteRow(-1);
			none.hidden = true;
		});
		source.addEventListener("replaced", () => location.reload());
		for (const part of ["legacy", "findings"]) {
			source.addEventListener(part, (event) => {
				document.getElementById(part).innerHTML = event.data;
			});
		}
	};

	hold.hidden = false;
	hold.addEventListener("click", () => {
		if (hold.textContent === "Pause updates") {
			stop();
			say("Paused.");
			hold.textContent = "Go on";
		} else {
			start();
			hold.textContent = "Pause updates";
		}
	});
	addEventListener("pagehide", stop);
	addEventListener("pageshow", (event) => {
		if (event.persisted && hold.textContent === "Pause updates") start();
	});
	start();
})();
