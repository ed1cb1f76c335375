document.querySelector("main")?.append("Order");
