document.querySelector("main")?.append("Sale");
